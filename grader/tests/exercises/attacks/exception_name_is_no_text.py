# expected: fails
# Raises an exception whose class has a number for its name and a list of jokers for its order of bases.

class Meta(type):
    __name__ = property(lambda cls: 10**9)
    __mro__ = property(lambda cls: [object()] * 9)


class Odd(Exception, metaclass=Meta):
    pass


raise Odd
