"""What the pages of each area are asked, and the rows they are asked about; see tests.security.places.areas."""
