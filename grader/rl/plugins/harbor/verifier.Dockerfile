FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap libseccomp2 && rm -rf /var/lib/apt/lists/*
COPY *.whl /wheels/
RUN python -m venv /opt/verifier && /opt/verifier/bin/pip install --no-cache-dir /wheels/*.whl
COPY test.sh grade.py task.json /tests/
WORKDIR /app
