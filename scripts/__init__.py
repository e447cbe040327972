"""What a release needs and a call does not: the list of third parties, the bill of materials."""
