FROM python:3.12-slim
RUN pip install --no-cache-dir "numpy>=2.0,<3" && useradd --create-home agent && mkdir /app && chown agent /app
WORKDIR /app
COPY --chown=agent . /app/
RUN rm -f /app/Dockerfile
USER agent
