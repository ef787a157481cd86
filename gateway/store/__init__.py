"""Everything that is kept, and all the SQL there is."""
