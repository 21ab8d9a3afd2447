"""Wire formats, one folder each. Pure: values in, values out."""
