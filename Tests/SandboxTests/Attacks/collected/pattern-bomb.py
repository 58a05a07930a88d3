# attacks: names on which a backtracking pattern takes longer than the universe will last
# stopped-by: patterns match in linear or polynomial time
# modes: both
# expect: ok
# collect: *a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b, **/**/**/**/**/x, *?*?*?*?*?*?*?*?*b
# files: none
tried()
for number in range(50):
    open("a" * 240 + str(number), "w").close()
for number in range(8):
    os.makedirs("/".join(["d"] * number + ["e"]))
