# attacks: leaves by an exception that its caller may not expect
# stopped-by: whatever is raised, the run ends
# modes: both
# expect: error, ok, memory_limit
# variants: BaseException; GeneratorExit; KeyboardInterrupt; StopIteration; SystemExit; MemoryError; RecursionError; Own; Rude; NoStr; Huge
tried()


class Own(BaseException):
    pass


class Rude(BaseException):
    def __getattribute__(self, name):
        raise Rude()


class NoStr(Exception):
    def __str__(self):
        raise KeyboardInterrupt

    __repr__ = __str__


class Huge(SystemExit):
    code = 1 << 70


raise {**vars(__import__("builtins")), **globals()}[facts["variant"]]()
