# What `kinelang describe samples --out samples.jsonl` wrote, one JSON object a line.
import json
import subprocess
import sys

subprocess.run([sys.executable, "-m", "kinelang", "describe", "samples", "--out", "samples.jsonl"], check=True)

with open("samples.jsonl", encoding="utf-8") as lines:
    for record in map(json.loads, lines):
        print(record["file"], "-", record["text"].strip())
