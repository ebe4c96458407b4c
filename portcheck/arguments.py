"""Keys and texts in the arguments of a fact (`Fact.args`) that stand for what no code spells so."""

COMPILED = ":module"
"""The key of the module that a fact takes for a compiled one by its name."""

HOSTED = ":host"
"""The key of what is about the memory of the machine itself alone; its text is the machine's device type."""

INLINE = "inline"
"""The guard of code inside a text of another language, where no helper can be imported."""

SPREAD = "*"
"""The key of arguments that are unpacked into a call, by `*` or `**`."""

UNSAID = "..."
"""The text of an argument that is more than a name or a literal."""
