BEGIN TRANSACTION;
CREATE TABLE attempts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER NOT NULL REFERENCES sessions (number) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            content_hash TEXT NOT NULL REFERENCES questions (content_hash),
            closed_at TEXT,
            UNIQUE (session, place)
        );
INSERT INTO "attempts" VALUES(1,1,0,'d509346aad6ff43abd533cb74609d3bf2c3ba427f011b306cfd3063f7f052133','2026-05-01T09:30:00.000+00:00');
CREATE TABLE grades (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
            grader TEXT NOT NULL,
            content_hash TEXT NOT NULL REFERENCES questions (content_hash),
            parts INTEGER NOT NULL CHECK (parts >= 1),
            score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
            capped_by TEXT NOT NULL,
            graded_at TEXT NOT NULL
        );
INSERT INTO "grades" VALUES(1,1,'word/1','d509346aad6ff43abd533cb74609d3bf2c3ba427f011b306cfd3063f7f052133',1,0.333333,'[]','2026-05-01T09:30:00.000+00:00');
INSERT INTO "grades" VALUES(2,1,'word/1','d509346aad6ff43abd533cb74609d3bf2c3ba427f011b306cfd3063f7f052133',2,0.833333,'[]','2026-05-01T09:30:00.000+00:00');
CREATE TABLE marks (
            grade INTEGER NOT NULL REFERENCES grades (id) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            criterion TEXT NOT NULL,
            verdict TEXT NOT NULL,
            confidence REAL NOT NULL,
            strength REAL,
            reason TEXT NOT NULL,
            evidence TEXT NOT NULL,
            PRIMARY KEY (grade, criterion)
        ) WITHOUT ROWID;
INSERT INTO "marks" VALUES(1,1,'gradients','missing',1.0,NULL,'','[]');
INSERT INTO "marks" VALUES(1,3,'layers','absent',1.0,NULL,'','[]');
INSERT INTO "marks" VALUES(1,0,'states','met',1.0,NULL,'','[{"start":14,"end":20,"quote":"states","part":0}]');
INSERT INTO "marks" VALUES(1,2,'weights','missing',1.0,NULL,'','[]');
INSERT INTO "marks" VALUES(2,1,'gradients','missing',1.0,NULL,'','[]');
INSERT INTO "marks" VALUES(2,3,'layers','absent',1.0,NULL,'','[]');
INSERT INTO "marks" VALUES(2,0,'states','met',1.0,NULL,'','[{"start":14,"end":20,"quote":"states","part":0}]');
INSERT INTO "marks" VALUES(2,2,'weights','met',1.0,NULL,'','[{"start":0,"end":7,"quote":"weights","part":1}]');
CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL);
INSERT INTO "migrations" VALUES('m001_sessions','2026-05-01T09:30:00.000+00:00');
CREATE TABLE parts (
            attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
            part INTEGER NOT NULL CHECK (part >= 0),
            prompt TEXT NOT NULL,
            follow_up INTEGER,
            asked_at TEXT NOT NULL,
            answer TEXT NOT NULL DEFAULT '',
            outcome TEXT CHECK (outcome IN ('answered', 'dont-know', 'skipped')),
            submitted_at TEXT,
            seconds REAL,
            PRIMARY KEY (attempt, part)
        ) WITHOUT ROWID;
INSERT INTO "parts" VALUES(1,0,'What does ZeRO shard?',NULL,'2026-05-01T09:30:00.000+00:00','It shards the states 状态','answered','2026-05-01T09:30:00.000+00:00',61.5);
INSERT INTO "parts" VALUES(1,1,'What is left whole?',1,'2026-05-01T09:30:00.000+00:00','weights too','answered','2026-05-01T09:30:00.000+00:00',9.0);
CREATE TABLE plan (
            session INTEGER NOT NULL REFERENCES sessions (number) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            content_hash TEXT NOT NULL REFERENCES questions (content_hash),
            PRIMARY KEY (session, place)
        ) WITHOUT ROWID;
INSERT INTO "plan" VALUES(1,0,'d509346aad6ff43abd533cb74609d3bf2c3ba427f011b306cfd3063f7f052133');
CREATE TABLE questions (content_hash TEXT PRIMARY KEY, id TEXT NOT NULL, content TEXT NOT NULL);
INSERT INTO "questions" VALUES('d509346aad6ff43abd533cb74609d3bf2c3ba427f011b306cfd3063f7f052133','zero','{"id":"zero","topic":"distributed","kind":"explain","level":3,"minutes":5,"tags":[],"prompt":{"en":"What does ZeRO shard?","zh":"ZeRO 切分什么？"},"code":null,"answer":{"en":"States, gradients, weights.","zh":"状态、梯度、参数。"},"key_points":[{"id":"states","text":{"en":"It shards states.","zh":"切分状态。"},"weight":2.0,"must":true,"accept":[],"partial":[],"contradict":[],"cloze":null},{"id":"gradients","text":{"en":"It shards gradients.","zh":"切分梯度。"},"weight":1.0,"must":false,"accept":[],"partial":[],"contradict":[],"cloze":null},{"id":"weights","text":{"en":"It shards weights.","zh":"切分参数。"},"weight":3.0,"must":false,"accept":[],"partial":[],"contradict":[],"cloze":null}],"misconceptions":[{"id":"layers","text":{"en":"It splits by layer.","zh":"按层切分。"},"correction":{"en":"Each tensor is sharded.","zh":"切分的是每个张量。"},"weight":1.0,"accept":[]}],"follow_ups":[{"prompt":{"en":"What about backward?","zh":"反向呢？"},"probes":["gradients"]},{"prompt":{"en":"What is left whole?","zh":"还有什么是完整的？"},"probes":["weights"]},{"prompt":{"en":"What does Adam keep?","zh":"Adam 存什么？"},"probes":["states"]}],"hints":[],"references":[],"source":null}');
CREATE TABLE sessions (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            lang TEXT NOT NULL,
            grader TEXT NOT NULL,
            seed INTEGER NOT NULL,
            follow_ups INTEGER NOT NULL
        );
INSERT INTO "sessions" VALUES(1,'20260501-abcd','2026-05-01T09:30:00.000+00:00','2026-05-01T09:30:00.000+00:00','en','word/1',7,1);
CREATE INDEX grades_of_attempt ON grades (attempt);
CREATE INDEX attempts_of_question ON attempts (content_hash);
CREATE INDEX questions_by_id ON questions (id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sessions',1);
INSERT INTO "sqlite_sequence" VALUES('attempts',1);
INSERT INTO "sqlite_sequence" VALUES('grades',2);
COMMIT;
