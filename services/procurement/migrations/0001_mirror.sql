-- The mirror. Words with an exclamation mark and types are the engine's own; see Engine::dialect.
-- Notices are numbers (their ids without the dash), times are microseconds since 1970, money is hundredths.
-- One row: who may write, where the feed ends, and how much there is.
CREATE TABLE feed (
  id KEY!, epoch BIGINT NOT NULL, head BIGINT NOT NULL, notices BIGINT NOT NULL, listed BIGINT NOT NULL,
  documents BIGINT NOT NULL, unreadable BIGINT NOT NULL
);
INSERT INTO feed (id, epoch, head, notices, listed, documents, unreadable) VALUES (1, 0, 0, 0, 0, 0, 0);
-- document: 0 none, 1 read, 2 unreadable. result: what its document says of its procedure's end.
-- folder: what procedures are grouped by. outcome, superseded_by: what other notices say.
CREATE TABLE notice (
  id KEY!, listed BIGINT NOT NULL, competition BIGINT NOT NULL, status TEXT, issued BIGINT, published TEXT,
  first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, first_seq BIGINT NOT NULL,
  document BIGINT NOT NULL, reading BIGINT, unreadable TEXT, result TEXT, outcome TEXT, superseded_by BIGINT,
  main_cpv TEXT, uuid TEXT, version TEXT, procedure_id TEXT, internal_id TEXT, ojs_number TEXT, folder TEXT
);
CREATE INDEX notice_issued ON notice (issued) WHERE listed = 1;
CREATE INDEX notice_status ON notice (status, id) WHERE listed = 1;
CREATE INDEX notice_wanted ON notice (id) WHERE document = 0;
CREATE INDEX notice_reading ON notice (reading, id) WHERE document > 0;
CREATE INDEX notice_folder ON notice (folder);
-- The hit as JSON, and what its document adds for search.
CREATE TABLE content (notice KEY!, hit TEXT NOT NULL, facts TEXT);
CREATE TABLE notice_version (
  notice BIGINT NOT NULL, seq BIGINT NOT NULL, replaced_at BIGINT NOT NULL, hit TEXT NOT NULL,
  PRIMARY KEY (notice, seq)
);
-- The XML, compressed with zstd; size is of the XML.
CREATE TABLE document (
  notice KEY!, fetched_at BIGINT NOT NULL, size BIGINT NOT NULL, sha256 BLOB NOT NULL, raw BLOB NOT NULL
);
CREATE TABLE document_version (
  notice BIGINT NOT NULL, seq BIGINT NOT NULL, replaced_at BIGINT NOT NULL, size BIGINT NOT NULL,
  sha256 BLOB NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (notice, seq)
);
CREATE TABLE lot (
  notice BIGINT NOT NULL, position BIGINT NOT NULL, lot_id TEXT, kind TEXT NOT NULL, title TEXT, main_cpv TEXT,
  result TEXT, tenders BIGINT, PRIMARY KEY (notice, position)
);
CREATE TABLE party (
  notice BIGINT NOT NULL, position BIGINT NOT NULL, role TEXT NOT NULL, number TEXT, name TEXT NOT NULL,
  given TEXT, country TEXT, size TEXT, is_leader BIGINT NOT NULL, tendering_party TEXT, currency TEXT,
  amount BIGINT, rule TEXT, PRIMARY KEY (notice, position)
);
CREATE INDEX party_number ON party (number, role, notice) WHERE number IS NOT NULL;
CREATE TABLE notice_value (
  notice BIGINT NOT NULL, position BIGINT NOT NULL, kind TEXT NOT NULL, rule TEXT NOT NULL,
  currency TEXT NOT NULL, amount BIGINT NOT NULL, PRIMARY KEY (notice, position)
);
CREATE TABLE award (
  notice BIGINT NOT NULL, position BIGINT NOT NULL, contract TEXT, decided TEXT, signed TEXT, title TEXT,
  lots TEXT, currency TEXT, amount BIGINT, PRIMARY KEY (notice, position)
);
-- Names a notice may be referred to by, and references, found or not.
CREATE TABLE alias (name TEXT NOT NULL, notice BIGINT NOT NULL, PRIMARY KEY (name, notice)) COMPACT!;
CREATE INDEX alias_notice ON alias (notice);
CREATE TABLE link (
  notice BIGINT NOT NULL, position BIGINT NOT NULL, rule TEXT NOT NULL, given TEXT NOT NULL, wanted TEXT,
  target BIGINT, PRIMARY KEY (notice, position)
);
CREATE INDEX link_wanted ON link (wanted) WHERE target IS NULL;
CREATE INDEX link_target ON link (target) WHERE target IS NOT NULL;
-- What one notice does to another; each is told in the feed once, also when it is no longer so.
CREATE TABLE effect (
  notice BIGINT NOT NULL, cause BIGINT NOT NULL, kind TEXT NOT NULL, holds BIGINT NOT NULL,
  PRIMARY KEY (notice, cause, kind)
) COMPACT!;
CREATE INDEX effect_cause ON effect (cause);
CREATE TABLE organization (number TEXT NOT NULL PRIMARY KEY, notices BIGINT NOT NULL) COMPACT!;
CREATE TABLE organization_name (
  number TEXT NOT NULL, name TEXT NOT NULL, notices BIGINT NOT NULL, PRIMARY KEY (number, name)
) COMPACT!;
-- Words of names, folded, for finding organisations by how a word begins.
CREATE TABLE organization_word (word TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (word, number)) COMPACT!;
-- The feed. Rows are only ever added.
CREATE TABLE change (
  seq KEY!, kind TEXT NOT NULL, notice BIGINT NOT NULL, seen_at BIGINT NOT NULL, subject TEXT,
  before_value TEXT, after_value TEXT
);
CREATE INDEX change_kind ON change (kind, seq);
CREATE INDEX change_notice ON change (notice, seq);
-- Documents that did not come: how often they were tried, and when to try again, if at all.
CREATE TABLE download (notice KEY!, attempts BIGINT NOT NULL, retry_at BIGINT, error TEXT NOT NULL);
CREATE TABLE sync_window (
  first_day TEXT NOT NULL, last_day TEXT NOT NULL, total BIGINT NOT NULL, held BIGINT NOT NULL,
  checked_at BIGINT NOT NULL, complete BIGINT NOT NULL, note TEXT, PRIMARY KEY (first_day, last_day)
) COMPACT!;
CREATE TABLE sync_state (name TEXT NOT NULL PRIMARY KEY, content TEXT NOT NULL) COMPACT!;
