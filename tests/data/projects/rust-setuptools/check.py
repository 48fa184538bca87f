import sysconfig

import rust_facts

machine = sysconfig.get_config_var("MULTIARCH").split("-")[0].replace("i386", "i686")
assert rust_facts.target().startswith(machine), rust_facts.target()
assert rust_facts.tokens() == 3
assert rust_facts.caught() == len("twelve bytes")
