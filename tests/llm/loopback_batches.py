"""OpenAI's Batch API on loopback: files, batches, and a script that replies to each line when its batch is run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.llm.loopback import Body, Http, Reply, Script, completion


@dataclass
class Batches:
    """polls: how often a batch is asked about before it is over. ends: the status it then has."""

    script: Script
    polls: int = 2
    ends: str = "completed"
    files: dict[str, str] = field(default_factory=dict)
    batches: dict[str, Body] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    lose_the_next: bool = False

    def __call__(self, method: str, path: str, data: bytes) -> Http | None:
        parts = path.partition("?")[0].removeprefix("/v1/").split("/")
        match method, parts:
            case "POST", ["files"]:
                return self._upload(data)
            case "GET", ["files", id, "content"]:
                return Http(200, self.files[id])
            case "POST", ["batches"]:
                return self._create(json.loads(data))
            case "GET", ["batches"]:
                return _json({"object": "list", "data": list(self.batches.values()), "has_more": False})
            case "GET", ["batches", id]:
                return self._retrieve(id)
        return None

    @property
    def lines(self) -> list[Body]:
        """Every request of every batch that was created."""
        files = [self.files[batch["input_file_id"]] for batch in self.batches.values()]
        return [json.loads(line) for text in files for line in text.splitlines()]

    def _upload(self, data: bytes) -> Http:
        """The file's part of a multipart form starts after the first empty line that follows its name."""
        text = data.decode()
        content = text.split('name="file"', 1)[1].split("\r\n\r\n", 1)[1].split("\r\n--", 1)[0]
        id = f"file-{len(self.files)}"
        self.files[id] = content
        return _json({"id": id, "object": "file", "bytes": len(content), "created_at": 0, "purpose": "batch"})

    def _create(self, body: Body) -> Http:
        id = f"batch_{len(self.batches)}"
        if body["input_file_id"] not in self.files:
            return Http(400, json.dumps({"error": {"message": "no such file"}}))
        assert body["endpoint"] == "/v1/chat/completions"
        self.batches[id] = {
            "id": id,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": "24h",
            "created_at": 0,
            "status": "validating",
        }
        if self.lose_the_next:
            self.lose_the_next = False
            return Http(401, json.dumps({"error": {"message": "the line was cut after the batch was made"}}))
        return _json(self.batches[id])

    def _retrieve(self, id: str) -> Http:
        if id not in self.batches:
            return Http(404, json.dumps({"error": {"message": "no such batch"}}))
        batch = self.batches[id]
        self.asked[id] = self.asked.get(id, 0) + 1
        batch["status"] = "in_progress"
        if self.asked[id] > self.polls:
            batch["status"] = self.ends
            if self.ends == "failed":
                batch["errors"] = {"object": "list", "data": [{"code": "x", "message": "the file is no good"}]}
            else:
                batch["output_file_id"] = self._run(batch["input_file_id"])
        return _json(batch)

    def _run(self, file: str) -> str:
        lines = []
        for line in reversed(self.files[file].splitlines()):  # the order of the replies is not promised
            request = json.loads(line)
            made = self.script(request["body"])
            body = completion(made) if isinstance(made, Reply) else json.loads(made.text)
            status = 200 if isinstance(made, Reply) else made.status
            response = {"status_code": status, "request_id": "r", "body": body}
            lines.append(json.dumps({"custom_id": request["custom_id"], "response": response, "error": None}))
        self.files[f"{file}-out"] = "\n".join(lines)
        return f"{file}-out"


def _json(value: Body) -> Http:
    return Http(200, json.dumps(value))
