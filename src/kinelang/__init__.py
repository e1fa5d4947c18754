"""kinelang."""
