"""What the documentation holds beside its written pages: rules, commands, options and prices, as they are in force."""
