#!/usr/bin/env python3
"""Writes unicode-data.txt from the Unicode data of this Python: ./unicode-data.py > unicode-data.txt"""
import sys
import unicodedata as u

POINTS = [c for c in range(sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF and not 0xAC00 <= c <= 0xD7A3]


def hexes(points):
    return " ".join(f"{p:X}" for p in points)


def fold(c):
    """Table B.2 of RFC 3454, made anew: case folding that is stable under NFKC."""
    folded = chr(c).casefold()
    once = u.normalize("NFKC", folded)
    twice = u.normalize("NFKC", once.casefold())
    return twice if twice != once else folded


def fold_lines():
    """Runs of single letters with the same distance: first, last, step, distance."""
    single, runs = [], []
    for c in POINTS:
        to = fold(c)
        if to == chr(c):
            continue
        if len(to) != 1:
            yield f"M {c:X} {hexes(map(ord, to))}"
            continue
        single.append((c, ord(to) - c))
    for c, distance in single:
        if runs:
            first, last, step, known = runs[-1]
            gap = c - last
            if known == distance and gap <= 2 and (first == last or gap == step):
                runs[-1] = (first, c, gap, known)
                continue
        runs.append((c, c, 1, distance))
    for first, last, step, distance in runs:
        yield f"F {first:X} {last:X} {step} {distance}"


def main():
    print(f"# Decompositions, combining classes and case folding, Unicode {u.unidata_version}; written by unicode-data.py.")
    print("# Copyright Unicode, Inc., Unicode License V3, https://www.unicode.org/license.txt")
    print("# D: code point, its canonical decomposition. S: the same, but never composed again. K: code point, its compatibility decomposition.")
    print("# C: first code point, last, combining class. F: first, last, step, distance to the folded letter. M: code point, the letters it folds to.")
    for c in POINTS:
        parts = u.decomposition(chr(c)).split()
        if not parts:
            continue
        if parts[0].startswith("<"):
            print(f"K {c:X} {hexes(int(p, 16) for p in parts[1:])}")
        else:
            composed = len(parts) == 2 and u.normalize("NFC", chr(c)) == chr(c)
            print(f"{'D' if composed else 'S'} {c:X} {hexes(int(p, 16) for p in parts)}")
    first = None
    for c in range(sys.maxunicode + 2):
        combining = u.combining(chr(c)) if c <= sys.maxunicode else 0
        if first is not None and combining != first[1]:
            print(f"C {first[0]:X} {c - 1:X} {first[1]}")
            first = None
        if combining and first is None:
            first = (c, combining)
    for line in fold_lines():
        print(line)


main()
