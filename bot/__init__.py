"""The speech pipeline and the dialog of ELMS IVR."""
