"""Prints the largest differences that tests met, a line a check. Use: differences.py DIFFERENCES.tsv      name, difference, limit and place (ppo's Golden)"""
import sys

from checks import Checks

checks = Checks()
for line in open(sys.argv[1]):
    name, difference, limit, where = line.rstrip('\n').split('\t')
    checks.at_most(name, float(difference), float(limit), where)
checks.end()
