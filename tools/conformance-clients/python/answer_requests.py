"""One JSON request a line on standard input, one JSON answer a line on standard output."""

import asyncio
import inspect
import json
import os
import sys


def is_fenced(error):
    return any(word in f"{type(error).__name__} {error}" for word in ("FENCED", "Fenced", "INVALID_PRODUCER_EPOCH", "InvalidProducerEpoch"))


async def answer_requests(operations):
    """Answers until the input ends; an operation is a method of `operations`, plain or a coroutine."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    # Whatever else a library prints is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        number, operation = request.pop("id"), request.pop("operation")
        try:
            result = getattr(operations, operation)(**request)
            if inspect.isawaitable(result):
                result = await result
            answer = {"id": number, "result": result}
        except BaseException as error:  # every failure is an answer
            name = type(error).__name__
            described = {"name": name, "message": f"{error}", "fenced": is_fenced(error)}
            if hasattr(error, "error_code"):  # of a Schema Registry
                described |= {"status": error.http_status_code, "code": error.error_code}
            answer = {"id": number, "error": described}
        print(json.dumps(answer), file=answers, flush=True)
    # Threads of a library must not outlive the input.
    os._exit(0)
