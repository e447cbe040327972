"""The keyword spotter: network, training, and export."""
