"""Building blocks that the networks are assembled from: nothing here knows a data set."""
