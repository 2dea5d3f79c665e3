"""What a person does by hand in the admin center."""
