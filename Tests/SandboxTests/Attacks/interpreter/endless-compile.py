# attacks: source text that takes the compiler for ever, or breaks it
# stopped-by: compiling happens inside the run, within its limits
# modes: both
# expect: error, timeout, memory_limit, output_limit
# limits: wall 0.6, memory 128
# variants: nested; constant; parentheses; names
tried()
kind = facts["variant"]
if kind == "nested":
    exec("\n".join(" " * i + "if 1:" for i in range(101)) + "\n" + " " * 101 + "pass")
elif kind == "constant":
    eval("+".join(["9**9**9"] * 4) + "**9")
elif kind == "parentheses":
    eval("(" * 100000 + ")" * 100000)
else:
    exec("a=" * 500000 + "1")
raise SystemExit(1)
