"""From a notice to words: the letter's values and fields, and the templates that render them."""
