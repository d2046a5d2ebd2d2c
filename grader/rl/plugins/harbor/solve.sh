#!/bin/bash
set -e
for file in "$(dirname "$0")"/gold/*; do cp "$file" /app/; done
