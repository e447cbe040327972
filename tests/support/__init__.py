"""What tests share: drivers, fakes, and paths."""
