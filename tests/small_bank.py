"""A bank of two questions in two topics, small enough to read, for tests of what grades and measures."""

from __future__ import annotations

from pathlib import Path

TOPICS = """\
- {id: systems, name: {en: Systems, zh: 系统}, line: {en: How programs run., zh: 程序如何运行。}}
- {id: networks, name: {en: Networks, zh: 网络}, line: {en: How they talk., zh: 如何通信。}}
"""
CONCEPTS = "process: process|进程\nthread: thread|线程\n"
THREADS = """\
id: process-and-thread
topic: systems
kind: compare
level: 2
minutes: 3
prompt:
  en: What is the difference between a process and a thread?
  zh: 进程和线程有什么区别？
answer:
  en: >-
    A process has its own address space. Threads of one process share its memory. Switching between threads is cheaper
    than switching between processes. A crash in one thread ends the whole process.
  zh: 进程有自己独立的地址空间。同一进程的线程共享内存。线程切换比进程切换便宜。一个线程崩溃会让整个进程退出。
key_points:
  - id: own-address-space
    must: true
    text: {en: A process has its own address space., zh: 进程有自己独立的地址空间。}
  - id: threads-share
    text: {en: Threads of one process share its memory., zh: 同一进程的线程共享内存。}
  - id: cheaper-switch
    text:
      en: Switching between threads is cheaper than switching between processes.
      zh: 线程切换比进程切换便宜。
  - id: crash
    text: {en: A crash in one thread ends the whole process., zh: 一个线程崩溃会让整个进程退出。}
misconceptions:
  - id: threads-are-isolated
    text: {en: Threads are isolated from each other., zh: 线程之间互相隔离。}
    correction: {en: Threads share memory., zh: 线程共享内存。}
"""
THREADS_SAMPLES = """\
- id: strong
  answer: >-
    A process has its own address space, and the threads in it share that memory. Switching threads is cheaper than
    switching processes, but when one thread crashes the whole process goes down.
  verdicts:
    own-address-space: met
    threads-share: met
    cheaper-switch: met
    crash: met
    threads-are-isolated: absent
- id: nothing
  answer: I do not know.
  verdicts:
    own-address-space: missing
    threads-share: missing
    cheaper-switch: missing
    crash: missing
    threads-are-isolated: absent
- id: wrong
  answer: Threads are isolated from each other.
  verdicts:
    own-address-space: missing
    threads-share: missing
    cheaper-switch: missing
    crash: missing
    threads-are-isolated: stated
"""
THREADS_WORDINGS = """\
concepts:
  memory: address space|memory|地址空间|内存
says:
  own-address-space: <process> .. (own|separate|private|独立|自己) .. <memory>
  threads-share: <thread> .. (share|共享) .. <memory>
  cheaper-switch: <thread> .. (switch|切换) .. (cheap|fast|light|便宜|快|小)
  crash: <thread> .. (crash|崩溃) .. (whole <process>|everything|整个进程)
  threads-are-isolated: <thread> .. (isolated|隔离)
"""
HANDSHAKE = """\
id: tcp-handshake
topic: networks
kind: explain
level: 2
minutes: 3
prompt: {en: How does TCP open a connection?, zh: TCP 如何建立连接？}
answer:
  en: The client sends a SYN. The server replies with a SYN-ACK. The client confirms with an ACK.
  zh: 客户端发送 SYN。服务器回复 SYN-ACK。客户端用 ACK 确认。
key_points:
  - id: syn
    text: {en: The client sends a SYN., zh: 客户端发送 SYN。}
  - id: syn-ack
    text: {en: The server replies with a SYN-ACK., zh: 服务器回复 SYN-ACK。}
  - id: ack
    text: {en: The client confirms with an ACK., zh: 客户端用 ACK 确认。}
misconceptions:
  - id: one-message
    text: {en: One message is enough to open a connection., zh: 一条消息就能建立连接。}
    correction: {en: It takes three., zh: 需要三条。}
"""
HANDSHAKE_SAMPLES = """\
- id: strong
  answer: The client sends a SYN, the server replies with a SYN-ACK, and then the client confirms it with an ACK.
  verdicts: {syn: met, syn-ack: met, ack: met, one-message: absent}
"""
HANDSHAKE_WORDINGS = """\
concepts:
  client: client|客户端
  server: server|服务器
says:
  syn: <client> .. (send|发送) .. SYN
  syn-ack: <server> .. (reply|answer|send|回复) .. SYN-ACK
  ack: <client> .. (confirm|acknowledge|send|确认) .. ACK
  one-message: (one|single) message .. enough|一条消息 .. 就能
"""


FILES = {
    "topics": "topics.yaml",
    "concepts": "concepts.yaml",
    "threads": "systems/process-and-thread.yaml",
    "threads_samples": "systems/process-and-thread.samples.yaml",
    "threads_wordings": "systems/process-and-thread.wordings.yaml",
    "handshake": "networks/tcp-handshake.yaml",
    "handshake_samples": "networks/tcp-handshake.samples.yaml",
    "handshake_wordings": "networks/tcp-handshake.wordings.yaml",
}


def write_small_bank(root: Path, **replaced: str) -> Path:
    """`replaced`: other text for one of the files, by its name in FILES."""
    texts = {
        "topics": TOPICS,
        "concepts": CONCEPTS,
        "threads": THREADS,
        "threads_samples": THREADS_SAMPLES,
        "threads_wordings": THREADS_WORDINGS,
        "handshake": HANDSHAKE,
        "handshake_samples": HANDSHAKE_SAMPLES,
        "handshake_wordings": HANDSHAKE_WORDINGS,
        **replaced,
    }
    for name, file in FILES.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(texts[name], encoding="utf-8")
    return root
