"""What the page accepts at most: a browser may send anything."""

BODY = 6 * 2**20
"""Bytes of one request; an upload of `UPLOAD` bytes grows by a third on its way."""
UPLOAD = 4 * 2**20
"""Bytes of an uploaded file."""
PIXELS = 16_000_000
"""Pixels of an uploaded picture."""
TEXT = 400_000
"""Characters of a pasted series."""
MANY = 24
"""Samples that are drawn at once as pictures."""
CROWD = 400
"""Samples that are drawn at once as points, and on the map."""
INVERSION = 20.0
"""Seconds that an inversion may take."""
NAME = 40
"""Characters of the name of a direction."""
