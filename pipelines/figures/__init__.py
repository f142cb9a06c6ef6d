"""What the policies of a corpus say, in numbers and pictures. Of those in English."""
