"""Prints a template of CloudFormation as JSON in which functions have their long names."""

import json
import sys

from cfnlint.decode import decode

template, problems = decode(sys.argv[1])
if problems:
    sys.exit("\n".join(map(str, problems)))
print(json.dumps(template))
