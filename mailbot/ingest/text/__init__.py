"""What a person would read: lines out of plain text and HTML, new words apart from quote and signature."""
