"""The drill: a vendor is lost in the middle of the work, and the work goes on; measured from outside."""
