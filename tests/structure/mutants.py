#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which mutants scripts/mutate makes of a line.

    mutants.py SOURCE_DIR

Prints what is wrong, and exits with 1.
"""
import pathlib
import sys

# A statement of a function that returns this, and what becomes of it.
CASES = (
    ("int", "/* a < b */ puts(\"a < b\");", {"/* a < b */ ;"}),
    ("int", "#define A (1 < 2)", set()),
    ("int", "int a, b[4];", set()),
    ("int", "static const int a[] = {1, 2};", set()),
    ("int", "struct a a = {0};", set()),
    ("int", "assert(a < 1);", set()),
    ("int", "a = sizeof(char[2]);", {";"}),
    ("int", "char *a = malloc(n + 1);", {"char *a = malloc(n + 0);"}),
    ("int", "bool a = b == 'c';", {"bool a = b != 'c';", "bool a = b == ('c' + 1);"}),
    ("int", "if (a < b)\n\t\t;", {"if (a <= b)", "if (a >= b)"}),
    ("int", "if (a)\n\t\t;", {"if (!(a))"}),
    ("int", "if (!a)\n\t\t;", {"if (a)"}),
    ("int", "while (a && b)\n\t\t;", {"while (a || b)"}),
    ("int", "a->b = true;", {"a->b = false;", ";"}),
    ("int", "a = b ? c : d;", {"a = !(b) ? c : d;", ";"}),
    ("int", "break;", {";"}),
    ("int", "out:\n\ta();", {";"}),
    ("int", "return err;", {"return 0;"}),
    ("int", "return fail(\"x\",\n\t\t    \"y\");", {"return 0"}),
    ("int", "return 0;", {"return 1;"}),
    ("char *", "return a;", {"return NULL;"}),
    ("char *", "return NULL;", set()),
    ("bool", "return a(b);", {"return true;", "return false;"}),
    ("bool", "return true;", {"return false;"}),
    ("int", "switch (a) {\n\tcase 'b':\n\t\tbreak;\n\t}", {"case ('b' + 1):", ";"}),
)


def main():
    top = pathlib.Path(sys.argv[1])
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(top / "scripts/mutate.d"))
    import source
    problems = []
    for returned, line, expected in CASES:
        text = f"int before;\n\nstatic {returned} f(void)\n{{\n\t{line}\n}}\n"
        mutants = source.mutants_of("a.c", text)
        if {mutant.became for mutant in mutants} != expected:
            problems.append(f"{line}: {sorted(mutant.became for mutant in mutants)}")
        for mutant in mutants:
            if mutant.function != "f" or (source.mutated(mutant, text).count("\n")
                                          != text.count("\n")):
                problems.append(f"{line}: {mutant.function}, or its lines are moved")
    print("\n".join(problems) or f"{len(CASES)} lines have their mutants")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
