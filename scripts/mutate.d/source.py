# SPDX-License-Identifier: MIT
"""The one-line mutants of a C source file, found by lexing alone.

Bodies of functions are mutated; comments, strings, preprocessor lines, declarators, sizeof and
assert() are not. A mutant is known by its file, its function and its text, so that it is still the
same one after the file has changed around it.
"""
import bisect
import dataclasses
import re

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*) | (?P<pre>^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<string>"(?:\\.|[^"\\])*") | (?P<char>'(?:\\.|[^'\\])*')
  | (?P<word>[A-Za-z_]\w*) | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<op>->|\+\+|--|<<=|>>=|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|<<|>>|\.\.\.|[^\s])
""", re.X | re.S | re.M)
TURNED = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
          "==": ("!=",), "!=": ("==",), "&&": ("||",), "||": ("&&",)}
TRUTH = {"true": "false", "false": "true"}
TYPES = {"const", "static", "struct", "enum", "union", "unsigned", "signed", "int", "char", "bool",
         "long", "short", "void", "volatile", "extern", "typedef", "float", "double", "_Atomic"}
# More memory than is needed changes nothing.
ALLOCATORS = {"malloc", "calloc", "realloc", "awh_arena_alloc", "awh_arena_array"}
CONTROL = {"if", "for", "while", "switch"}
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}


@dataclasses.dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Mutant:
    file: str
    line: int
    last_line: int
    function: str
    was: str
    became: str
    start: int
    end: int
    text: str  # what stands in [start, end) instead

    def key(self):
        return self.file, self.function, self.was, self.became

    def __str__(self):
        return f"{self.file}:{self.line} {self.was} -> {self.became}"


def lex(text):
    return [Token(match.lastgroup, match.group(), match.start(), match.end())
            for match in TOKEN.finditer(text) if match.lastgroup not in ("comment", "pre")]


def match_brackets(tokens):
    """Of each opening bracket, by index, the index of its closing one."""
    pairs, open_at = {}, []
    for i, token in enumerate(tokens):
        if token.kind == "op" and token.text in OPEN:
            open_at.append(i)
        elif token.kind == "op" and token.text in CLOSE:
            pairs[open_at.pop()] = i
    return pairs


def functions(tokens, pairs):
    """(name, words of its return type, index of the body's brace) of each function."""
    i, start = 0, 0
    while i < len(tokens):
        text = tokens[i].text
        if text == "{" and tokens[i - 1].text == ")" and tokens[start].text != "typedef":
            opening = next(a for a, b in pairs.items() if b == i - 1)
            returned = [token.text for token in tokens[start:opening - 1]]
            yield tokens[opening - 1].text, returned, i
            start = pairs[i] + 1
        elif text == ";":
            start = i + 1
        i = pairs[i] + 1 if text in OPEN else i + 1


class File:
    def __init__(self, name, text):
        self.name, self.text = name, text
        self.tokens = lex(text)
        self.pairs = match_brackets(self.tokens)
        self.line_starts = [0] + [match.end() for match in re.finditer("\n", text)]
        self.function, self.returned = "", []
        self.mutants = []
        self.sizes_end = 0  # of the arguments of an allocator

    def line_of(self, offset):
        return bisect.bisect_right(self.line_starts, offset)

    def line_text(self, number):
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.line_starts[number - 1], self.text[self.line_starts[number - 1]:end]

    def add(self, first, last, new):
        """Tokens first to last are replaced; line numbers stay."""
        start, end = self.tokens[first].start, self.tokens[last].end
        line, last_line = self.line_of(start), self.line_of(end - 1)
        old = self.text[start:end]
        if line == last_line:
            line_start, text = self.line_text(line)
            was = text.strip()
            became = (text[:start - line_start] + new + text[end - line_start:]).strip()
        else:
            was, became = " ".join(old.split()), new
        self.mutants.append(Mutant(self.name, line, last_line, self.function, was, became, start,
                                   end, new + "\n" * old.count("\n")))

    def texts(self, first, last):
        return [token.text for token in self.tokens[first:last + 1]]

    # Expressions.

    def is_plain(self, first, last):
        """A call or a value: nothing in it that is mutated by itself."""
        return not set(self.texts(first, last)) & {*TURNED, "!", "=", "?", "true", "false"}

    def mutate_number(self, i):
        text, before = self.tokens[i].text, self.tokens[i - 1].text
        # x < n + 1 is x <= n, which is there; {0} clears.
        if before in ("<", ">=") or (before == "{" and self.tokens[i + 1].text == "}"):
            return
        match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", text)
        if not match:
            return
        value = int(match[1], 16 if match[1][:2] in ("0x", "0X") else 10)
        if i >= self.sizes_end:
            self.add(i, i, f"{value + 1}{match[2]}")
        if value > 0:
            self.add(i, i, f"{value - 1}{match[2]}")

    def mutate_choice(self, i, first):
        """i: a question mark"""
        start, depth = i - 1, 0
        while start > first:
            text = self.tokens[start - 1].text
            depth += (text in CLOSE) - (text in OPEN)
            if depth < 0 or (depth == 0 and text in ("=", ",", "return", "&&", "||", ":", "?")):
                break
            start -= 1
        if self.is_plain(start, i - 1):
            self.negate(start, i - 1)

    def negate(self, first, last):
        old = self.text[self.tokens[first].start:self.tokens[last].end]
        self.add(first, last, f"!({old})")

    def mutate_expression(self, first, last):
        i = first
        while i <= last:
            token = self.tokens[i]
            if token.text in ("sizeof", "assert", "offsetof") and self.tokens[i + 1].text == "(":
                i = self.pairs[i + 1]
            elif token.text in ALLOCATORS and self.tokens[i + 1].text == "(":
                self.sizes_end = self.pairs[i + 1]
            elif token.kind == "number":
                self.mutate_number(i)
            elif token.kind == "char":
                self.add(i, i, f"({token.text} + 1)")
            elif token.kind == "op" and token.text in TURNED:
                for new in TURNED[token.text]:
                    self.add(i, i, new)
            elif token.kind == "op" and token.text == "!":
                self.add(i, i, "")
            elif token.kind == "op" and token.text == "?":
                self.mutate_choice(i, first)
            elif token.text in TRUTH:
                self.add(i, i, TRUTH[token.text])
            i += 1

    # Statements.

    def end_of_statement(self, i):
        while self.tokens[i].text != ";":
            i = self.pairs[i] + 1 if self.tokens[i].text in OPEN else i + 1
        return i

    def is_declaration(self, i):
        if self.tokens[i].text in TYPES:
            return True
        if self.tokens[i].kind != "word":
            return False
        i += 1
        while self.tokens[i].text == "*":
            i += 1
        return self.tokens[i].kind == "word" and self.tokens[i + 1].text in (";", "=", ",", "[")

    def mutate_declaration(self, first, last):
        """Only what is after an equals sign; a table is not."""
        if self.tokens[first].text in ("static", "extern", "typedef"):
            return
        i = first
        while i < last:
            if self.tokens[i].text == "=":
                end = i + 1
                while end < last and self.tokens[end].text != ",":
                    end = self.pairs[end] + 1 if self.tokens[end].text in OPEN else end + 1
                self.mutate_expression(i + 1, end - 1)
                i = end
            elif self.tokens[i].text in OPEN:
                i = self.pairs[i]
            i += 1

    def mutate_return(self, first, last):
        self.mutate_expression(first + 1, last - 1)
        if last == first + 1 or not self.is_plain(first + 1, last - 1):
            return
        if self.tokens[first + 1].kind == "number" or self.texts(first + 1, last - 1) == ["NULL"]:
            return
        news = ("0",)
        if "*" in self.returned:
            news = ("NULL",)
        elif "bool" in self.returned:
            news = ("true", "false")
        for new in news:
            self.add(first, last - 1, f"return {new}")

    def mutate_simple(self, first):
        """A statement that ends in a semicolon; the index of what follows."""
        last = self.end_of_statement(first)
        text = self.tokens[first].text
        if text == "return":
            self.mutate_return(first, last)
        elif text in ("break", "continue", "goto"):
            self.add(first, last, ";")
        elif self.is_declaration(first):
            self.mutate_declaration(first, last)
        elif text not in ("assert", ";"):
            self.mutate_expression(first, last - 1)
            self.add(first, last, ";")
        return last + 1

    def mutate_control(self, first):
        """An if, for, while or switch; the index of its body."""
        start, end = first + 1, self.pairs[first + 1]
        if self.tokens[first].text in ("if", "while") and self.is_plain(start + 1, end - 1):
            self.negate(start + 1, end - 1)
        if self.tokens[first].text == "for" and self.is_declaration(start + 1):
            semicolon = self.end_of_statement(start + 1)
            self.mutate_declaration(start + 1, semicolon)
            start = semicolon
        self.mutate_expression(start + 1, end - 1)
        return end + 1

    def mutate_body(self, first, last):
        i = first
        while i < last:
            text = self.tokens[i].text
            if text in ("{", "}", "else", "do"):
                i += 1
            elif self.tokens[i + 1].text == ":":  # a label
                i += 2
            elif text == "case":
                colon = i + self.texts(i, last).index(":")
                self.mutate_expression(i + 1, colon - 1)
                i = colon + 1
            elif text in CONTROL:
                i = self.mutate_control(i)
            else:
                i = self.mutate_simple(i)

    def mutate(self):
        for self.function, self.returned, brace in functions(self.tokens, self.pairs):
            self.mutate_body(brace + 1, self.pairs[brace])
        self.mutants.sort(key=lambda mutant: (mutant.start, mutant.end, mutant.text))
        return self.mutants


def mutants_of(name, text):
    return File(name, text).mutate()


def mutated(mutant, text):
    return text[:mutant.start] + mutant.text + text[mutant.end:]
