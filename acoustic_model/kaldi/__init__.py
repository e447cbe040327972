"""Kaldi's and OpenFst's file formats."""
