"""One module or package per vendor, each holding a class `Fake`."""
