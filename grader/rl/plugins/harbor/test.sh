#!/bin/bash
# The verdict. Only in the verifier's own image is there something that can give one: in the box that the agent worked
# in, nothing is believed, and what lies where the reward belongs is removed.
rm -f /logs/verifier/reward.json /logs/verifier/reward.txt
if [ ! -x /opt/verifier/bin/python ]; then
    echo "this is not the verifier's image: no reward" >&2
    exit 1
fi
cd /tests && exec /opt/verifier/bin/python -I /tests/grade.py
