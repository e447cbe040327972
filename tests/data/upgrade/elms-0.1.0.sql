BEGIN TRANSACTION;
CREATE TABLE activities (
	id INTEGER NOT NULL, 
	educator_id INTEGER NOT NULL, 
	happened_on DATE NOT NULL, 
	event VARCHAR(40) NOT NULL, 
	subject VARCHAR(120) NOT NULL, 
	CONSTRAINT pk_activities PRIMARY KEY (id), 
	CONSTRAINT fk_activities_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "activities" VALUES(1,1,'2022-10-14','application_filed','five-year standard');
INSERT INTO "activities" VALUES(2,1,'2022-10-20','transcript_received','official transcripts');
INSERT INTO "activities" VALUES(3,1,'2022-10-24','scores_received','licensure test scores');
INSERT INTO "activities" VALUES(4,1,'2022-10-31','form_received','Verification of Lawful Presence form');
INSERT INTO "activities" VALUES(5,2,'2022-09-12','application_filed','reciprocity');
INSERT INTO "activities" VALUES(6,2,'2022-09-20','form_received','out-of-state license copy');
INSERT INTO "activities" VALUES(7,2,'2022-10-10','letter_sent','requirements letter');
INSERT INTO "activities" VALUES(8,3,'2022-11-08','application_filed','supplemental endorsement');
INSERT INTO "activities" VALUES(9,4,'2022-04-06','address_changed','');
INSERT INTO "activities" VALUES(10,4,'2022-11-15','application_filed','renewal');
INSERT INTO "activities" VALUES(11,5,'2022-10-03','recommendation_received','online recommendation');
INSERT INTO "activities" VALUES(12,6,'2022-08-15','application_filed','five-year standard');
INSERT INTO "activities" VALUES(13,6,'2022-08-19','transcript_received','official transcripts');
INSERT INTO "activities" VALUES(14,6,'2022-09-09','letter_sent','requirements letter');
INSERT INTO "activities" VALUES(15,6,'2022-09-16','scores_received','licensure test scores');
INSERT INTO "activities" VALUES(16,6,'2022-09-16','form_received','Verification of Lawful Presence form');
INSERT INTO "activities" VALUES(17,7,'2022-10-17','application_filed','five-year standard');
INSERT INTO "activities" VALUES(18,7,'2022-10-17','fee_paid','processing fee');
INSERT INTO "activities" VALUES(19,7,'2022-10-24','scores_received','licensure test scores');
INSERT INTO "activities" VALUES(20,7,'2022-10-31','form_received','Verification of Lawful Presence form');
INSERT INTO "activities" VALUES(21,8,'2022-10-17','application_filed','three-year alternate route');
INSERT INTO "activities" VALUES(22,8,'2022-10-24','transcript_received','official transcripts');
INSERT INTO "activities" VALUES(23,8,'2022-10-31','recommendation_received','online recommendation');
INSERT INTO "activities" VALUES(24,8,'2022-11-07','form_received','Verification of Lawful Presence form');
INSERT INTO "activities" VALUES(25,9,'2022-04-06','address_changed','');
INSERT INTO "activities" VALUES(26,9,'2022-09-09','application_filed','renewal');
INSERT INTO "activities" VALUES(27,9,'2022-09-12','credits_received','CEU credits');
INSERT INTO "activities" VALUES(28,10,'2022-08-29','application_filed','five-year standard');
INSERT INTO "activities" VALUES(29,10,'2022-08-31','transcript_received','official transcripts');
INSERT INTO "activities" VALUES(30,10,'2022-09-05','scores_received','licensure test scores');
INSERT INTO "activities" VALUES(31,10,'2022-09-09','form_received','Verification of Lawful Presence form');
INSERT INTO "activities" VALUES(32,10,'2022-10-03','license_issued','Class AA, five-year standard');
INSERT INTO "activities" VALUES(33,11,'2022-04-10','address_changed','');
INSERT INTO "activities" VALUES(34,12,'2022-04-10','address_changed','');
INSERT INTO "activities" VALUES(35,13,'2022-09-09','application_filed','reinstatement');
INSERT INTO "activities" VALUES(36,13,'2022-09-14','credits_received','CEU credits');
INSERT INTO "activities" VALUES(37,13,'2022-09-20','form_received','Verification of Lawful Presence form');
INSERT INTO "activities" VALUES(38,14,'2022-04-21','address_changed','');
INSERT INTO "activities" VALUES(39,15,'2022-08-15','application_filed','career administrator');
INSERT INTO "activities" VALUES(40,15,'2022-08-15','fee_paid','processing fee');
INSERT INTO "activities" VALUES(41,15,'2022-08-18','transcript_received','official transcripts');
INSERT INTO "activities" VALUES(42,15,'2022-08-22','scores_received','licensure test scores');
INSERT INTO "activities" VALUES(43,15,'2022-08-29','credits_received','SEMI credits');
INSERT INTO "activities" VALUES(44,15,'2022-09-16','license_issued','Class A, career administrator');
INSERT INTO "activities" VALUES(45,16,'2022-05-13','address_changed','');
INSERT INTO "activities" VALUES(46,16,'2022-10-28','application_filed','name change');
INSERT INTO "activities" VALUES(47,16,'2022-10-31','form_received','proof of name change');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE applications (
	id INTEGER NOT NULL, 
	educator_id INTEGER NOT NULL, 
	application_type VARCHAR(60) NOT NULL, 
	status VARCHAR(30) NOT NULL, 
	submitted DATE NOT NULL, 
	received DATE, 
	letter_sent DATE, 
	document VARCHAR(80), 
	document_received DATE, 
	license_class VARCHAR(4), 
	issued DATE, 
	valid_through DATE, 
	CONSTRAINT pk_applications PRIMARY KEY (id), 
	CONSTRAINT fk_applications_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "applications" VALUES(1,1,'five-year standard','IN_REVIEW','2022-10-14','2022-10-14',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(2,2,'reciprocity','REQUIREMENTS_SENT','2022-09-12','2022-09-12','2022-10-10',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(3,3,'supplemental endorsement','RECEIVED','2022-11-08','2022-11-08',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(4,4,'renewal','RECEIVED','2022-11-15','2022-11-15',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(5,5,'three-year alternate route','RECOMMENDATION_ONLY','2022-10-03',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(6,6,'five-year standard','DOCUMENT_RECEIVED','2022-08-15','2022-08-15','2022-09-09','Verification of Lawful Presence form','2022-09-16',NULL,NULL,NULL);
INSERT INTO "applications" VALUES(7,7,'five-year standard','AWAITING_TRANSCRIPT','2022-10-17','2022-10-17',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(8,8,'three-year alternate route','AWAITING_SCORES','2022-10-17','2022-10-17',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(9,9,'renewal','READY_TO_ISSUE','2022-09-09','2022-09-09',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(10,10,'name change','ISSUED','2022-03-21','2022-03-21',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(11,10,'five-year standard','ISSUED','2022-08-29','2022-08-29',NULL,NULL,NULL,'AA','2022-10-03','2028-06-30');
INSERT INTO "applications" VALUES(12,13,'reinstatement','REPRESENTATIVE_ONLY','2022-09-09','2022-09-09',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(13,15,'name change','ISSUED','2022-03-21','2022-03-21',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "applications" VALUES(14,15,'career administrator','ISSUED','2022-08-15','2022-08-15',NULL,NULL,NULL,'A','2022-09-16','2028-06-30');
INSERT INTO "applications" VALUES(15,16,'name change','IN_REVIEW','2022-10-28','2022-10-28',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	call_id VARCHAR(80) NOT NULL, 
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	subject VARCHAR(64) NOT NULL, 
	educator_id INTEGER, 
	channel VARCHAR(20) NOT NULL, 
	mode VARCHAR(10) NOT NULL, 
	result VARCHAR(20) NOT NULL, 
	user_id INTEGER, 
	reason VARCHAR(200), 
	CONSTRAINT pk_attempts PRIMARY KEY (id), 
	CONSTRAINT fk_attempts_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE, 
	CONSTRAINT fk_attempts_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE SET NULL, 
	CONSTRAINT uq_attempts_call UNIQUE (call_id, number)
);
INSERT INTO "attempts" VALUES(1,'old-1',1,'2022-12-05 16:00:14.000000','1d1906a15e58cdc54c58dd7509bac5a0d19a5ebdaf24d453083a27789850c5cd',1,'telephone','dtmf','wrong',NULL,NULL);
INSERT INTO "attempts" VALUES(2,'old-1',2,'2022-12-05 16:00:28.000000','1d1906a15e58cdc54c58dd7509bac5a0d19a5ebdaf24d453083a27789850c5cd',1,'telephone','dtmf','verified',NULL,NULL);
INSERT INTO "attempts" VALUES(3,'old-lock-0',1,'2022-12-05 16:00:42.000000','b2ef9ac51bf4cda5b3eb3d99eda52de8f52d5fb2ac12b7abf8a4cb3f372aabce',3,'telephone','dtmf','wrong',NULL,NULL);
INSERT INTO "attempts" VALUES(4,'old-lock-1',1,'2022-12-05 16:00:56.000000','b2ef9ac51bf4cda5b3eb3d99eda52de8f52d5fb2ac12b7abf8a4cb3f372aabce',3,'telephone','dtmf','wrong',NULL,NULL);
INSERT INTO "attempts" VALUES(5,'old-lock-2',1,'2022-12-05 16:01:10.000000','b2ef9ac51bf4cda5b3eb3d99eda52de8f52d5fb2ac12b7abf8a4cb3f372aabce',3,'telephone','dtmf','wrong',NULL,NULL);
INSERT INTO "attempts" VALUES(6,'old-lock-3',1,'2022-12-05 16:01:24.000000','b2ef9ac51bf4cda5b3eb3d99eda52de8f52d5fb2ac12b7abf8a4cb3f372aabce',3,'telephone','dtmf','wrong',NULL,NULL);
INSERT INTO "attempts" VALUES(7,'old-lock-4',1,'2022-12-05 16:01:38.000000','b2ef9ac51bf4cda5b3eb3d99eda52de8f52d5fb2ac12b7abf8a4cb3f372aabce',3,'telephone','dtmf','wrong',NULL,NULL);
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	base_number INTEGER NOT NULL, 
	base_digest VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_head PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,15,'d4ad184daae3b2ffdc1983b456bfcd9d391d5f92ac7c7b86fc6f52e5e39049a3',0,'0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE audit_rows (
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(80) NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	subject VARCHAR(80) NOT NULL, 
	facts JSON NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_rows PRIMARY KEY (number)
);
INSERT INTO "audit_rows" VALUES(1,'2022-12-05 16:00:07.000000','operator','database.seeded','database','{"educators": 19}','5791ea19dfb5268bf8af62cbb132c51fb8a56ef801d6f343a8610761a1962e89');
INSERT INTO "audit_rows" VALUES(2,'2022-12-05 16:00:21.000000','bot','pin.checked','educator:1','{"call": "old-1", "attempt": 1, "mode": "dtmf", "channel": "telephone", "result": "wrong", "locked": false, "reason": null}','e0d281aeb7a0562b8fabc8c6532c6d33caf959ddbf355843a5776d7c424983ca');
INSERT INTO "audit_rows" VALUES(3,'2022-12-05 16:00:35.000000','bot','pin.checked','educator:1','{"call": "old-1", "attempt": 2, "mode": "dtmf", "channel": "telephone", "result": "verified", "locked": false, "reason": null}','702b40e4fd66c8dbde8ee691c8d31ecad38a04df8e29413700e1aee2de6ed5ba');
INSERT INTO "audit_rows" VALUES(4,'2022-12-05 16:00:49.000000','bot','pin.checked','educator:3','{"call": "old-lock-0", "attempt": 1, "mode": "dtmf", "channel": "telephone", "result": "wrong", "locked": false, "reason": null}','857e0b7d00ac4f30282c607a996fbfd0f8e619e5dcf28a0585fed515f748d444');
INSERT INTO "audit_rows" VALUES(5,'2022-12-05 16:01:03.000000','bot','pin.checked','educator:3','{"call": "old-lock-1", "attempt": 1, "mode": "dtmf", "channel": "telephone", "result": "wrong", "locked": false, "reason": null}','6ee8f2c48c02516ec36d1c176d1b999bcc33c53428ae6d0b37e158f163ef3687');
INSERT INTO "audit_rows" VALUES(6,'2022-12-05 16:01:17.000000','bot','pin.checked','educator:3','{"call": "old-lock-2", "attempt": 1, "mode": "dtmf", "channel": "telephone", "result": "wrong", "locked": false, "reason": null}','ffcf551a07830e069dfa524dfd2cfc8fba80eeba05779e9a5db04012235bb3d1');
INSERT INTO "audit_rows" VALUES(7,'2022-12-05 16:01:31.000000','bot','pin.checked','educator:3','{"call": "old-lock-3", "attempt": 1, "mode": "dtmf", "channel": "telephone", "result": "wrong", "locked": false, "reason": null}','423acdf322e6cc8a1841ed5eb3e464da0bba33dbc7b0622c8a61e7f983cb6685');
INSERT INTO "audit_rows" VALUES(8,'2022-12-05 16:01:45.000000','bot','pin.checked','educator:3','{"call": "old-lock-4", "attempt": 1, "mode": "dtmf", "channel": "telephone", "result": "wrong", "locked": true, "reason": null}','9b7fd6e3d42be9c2c98df44ce1c1a25ea5e65bffc164af89114df1ca71c59cf4');
INSERT INTO "audit_rows" VALUES(9,'2022-12-05 16:02:27.000000','bot','call.stored','call:old-1','{"outcome": "transferred", "verified": true, "modes": ["dtmf"], "confidence": "0.9-1.0"}','93af3e375ba3ce16495dc0bb1c39d674b9940bbfc1ba43c543f2fbca149365fa');
INSERT INTO "audit_rows" VALUES(10,'2022-12-05 16:02:41.000000','bot','call.stored','call:old-2','{"outcome": "hangup", "verified": false, "modes": ["dtmf"], "confidence": "0.9-1.0"}','f06e143e49bb7b12b67351db4094af2bf97ef2bc92a6f7ddbd1d08e0171ee202');
INSERT INTO "audit_rows" VALUES(11,'2022-12-05 16:02:48.000000','web','sign-in.succeeded','user:22','{}','57fbdd724a10012ec439b8cd561b36334f09dadbed552617f61ca23520eac886');
INSERT INTO "audit_rows" VALUES(12,'2022-12-05 16:03:23.000000','user:22','weeks.set','service','{"renewal": "2022-11-28", "other": "2022-11-21"}','c61235966974d3d2c2b35383af9e3131528ab350a8d6fa9ebb0bfcacde2aeb78');
INSERT INTO "audit_rows" VALUES(13,'2022-12-05 16:03:44.000000','user:22','holiday.added','service','{"on": "2022-12-19"}','46b8c443f46c83da57b4d57ee88b1154d49c892ca8ebbd0bc8588ee02c997535');
INSERT INTO "audit_rows" VALUES(14,'2022-12-05 16:03:51.000000','web','sign-in.succeeded','user:2','{}','d2e4969698d864bfc1ccc15e20eedde63d0652215fb53c6770bf953c6e2a8e31');
INSERT INTO "audit_rows" VALUES(15,'2022-12-05 16:04:26.000000','user:2','pin.changed','educator:2','{}','d4ad184daae3b2ffdc1983b456bfcd9d391d5f92ac7c7b86fc6f52e5e39049a3');
CREATE TABLE budgets (
	"key" VARCHAR(100) NOT NULL, 
	window_started DATETIME NOT NULL, 
	used INTEGER NOT NULL, 
	CONSTRAINT pk_budgets PRIMARY KEY ("key")
);
INSERT INTO "budgets" VALUES('call:old-1','2022-12-05 16:00:14.000000',1);
INSERT INTO "budgets" VALUES('caller:aacbec384a92216361b6cbf8694af748262000ca','2022-12-05 16:00:14.000000',6);
INSERT INTO "budgets" VALUES('overall','2022-12-05 16:00:14.000000',6);
INSERT INTO "budgets" VALUES('call:old-lock-0','2022-12-05 16:00:42.000000',1);
INSERT INTO "budgets" VALUES('call:old-lock-1','2022-12-05 16:00:56.000000',1);
INSERT INTO "budgets" VALUES('call:old-lock-2','2022-12-05 16:01:10.000000',1);
INSERT INTO "budgets" VALUES('call:old-lock-3','2022-12-05 16:01:24.000000',1);
INSERT INTO "budgets" VALUES('call:old-lock-4','2022-12-05 16:01:38.000000',1);
INSERT INTO "budgets" VALUES('sign-in:e6d13504abab90e4fb63208c0e9ab52f5b26a0bb','2022-12-05 16:02:48.000000',0);
INSERT INTO "budgets" VALUES('sign-in:ff49d0a216bd47aeec9a263231696f5ce9ed909d','2022-12-05 16:03:51.000000',0);
CREATE TABLE call_tokens (
	digest VARCHAR(64) NOT NULL, 
	educator_id INTEGER NOT NULL, 
	call_id VARCHAR(80) NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_call_tokens PRIMARY KEY (digest), 
	CONSTRAINT fk_call_tokens_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "call_tokens" VALUES('c742177934ff3c7e46bd29860c4fd9163a64766207501630bddbad89ed480c06',1,'old-1','2022-12-05 16:10:35.000000');
CREATE TABLE calls (
	id INTEGER NOT NULL, 
	call_id VARCHAR(80) NOT NULL, 
	started_at DATETIME NOT NULL, 
	stored_at DATETIME NOT NULL, 
	line VARCHAR(80) NOT NULL, 
	duration_ms INTEGER NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	reason VARCHAR(200) NOT NULL, 
	verified BOOLEAN NOT NULL, 
	license_number VARCHAR(12), 
	handover JSON, taken_at DATETIME, 
	CONSTRAINT pk_calls PRIMARY KEY (id), 
	CONSTRAINT uq_calls_call_id UNIQUE (call_id)
);
INSERT INTO "calls" VALUES(1,'old-1','2022-12-05 16:02:13.000000','2022-12-05 16:02:20.000000','recording',30000,'transferred','caller asked',1,'421903','{"reason": "caller asked", "license_number": "421903", "verified": true, "failed_field": null, "wanted": "renewal"}',NULL);
INSERT INTO "calls" VALUES(2,'old-2','2022-12-05 16:02:27.000000','2022-12-05 16:02:34.000000','recording',30000,'hangup','caller left at pin',0,NULL,NULL,NULL);
CREATE TABLE educators (
	id INTEGER NOT NULL, 
	license_number VARCHAR(12) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	email VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_educators PRIMARY KEY (id), 
	CONSTRAINT uq_educators_license_number UNIQUE (license_number)
);
INSERT INTO "educators" VALUES(1,'421903','Adaline Applewhite','adaline.applewhite@educator.example');
INSERT INTO "educators" VALUES(2,'300715','Bettye Hollowell','bettye.hollowell@educator.example');
INSERT INTO "educators" VALUES(3,'518246','Carlton Okolander','carlton.okolander@educator.example');
INSERT INTO "educators" VALUES(4,'265480','Delphine Vandermoor','delphine.vandermoor@educator.example');
INSERT INTO "educators" VALUES(5,'104837','Emmett Driftmire','emmett.driftmire@educator.example');
INSERT INTO "educators" VALUES(6,'739512','Fredrica Cottenham','fredrica.cottenham@educator.example');
INSERT INTO "educators" VALUES(7,'846021','Garland Jessamine','garland.jessamine@educator.example');
INSERT INTO "educators" VALUES(8,'957364','Hollis Quarles','hollis.quarles@educator.example');
INSERT INTO "educators" VALUES(9,'183650','Idella Yarborne','idella.yarborne@educator.example');
INSERT INTO "educators" VALUES(10,'672098','Jarvis Foxhaven','jarvis.foxhaven@educator.example');
INSERT INTO "educators" VALUES(11,'390274','Keziah Easterby','keziah.easterby@educator.example');
INSERT INTO "educators" VALUES(12,'451867','Lavonne Landerby','lavonne.landerby@educator.example');
INSERT INTO "educators" VALUES(13,'208943','Mabry Sallisworth','mabry.sallisworth@educator.example');
INSERT INTO "educators" VALUES(14,'567130','Nerissa Ashcombe','nerissa.ashcombe@educator.example');
INSERT INTO "educators" VALUES(15,'815402','Orville Hartsfield','orville.hartsfield@educator.example');
INSERT INTO "educators" VALUES(16,'627581','Philippa Gatlinger','philippa.gatlinger@educator.example');
INSERT INTO "educators" VALUES(17,'947479','Quincy Northam','quincy.northam@educator.example');
INSERT INTO "educators" VALUES(18,'489004','Rosalind Underhall','rosalind.underhall@educator.example');
INSERT INTO "educators" VALUES(19,'430109','Sanford Coldwater','sanford.coldwater@educator.example');
CREATE TABLE holidays (
	closed_on DATE NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	CONSTRAINT pk_holidays PRIMARY KEY (closed_on)
);
INSERT INTO "holidays" VALUES('2022-04-25','State holiday');
INSERT INTO "holidays" VALUES('2022-05-30','Memorial Day');
INSERT INTO "holidays" VALUES('2022-07-04','Independence Day');
INSERT INTO "holidays" VALUES('2022-09-05','Labor Day');
INSERT INTO "holidays" VALUES('2022-11-11','Veterans Day');
INSERT INTO "holidays" VALUES('2022-11-24','Thanksgiving Day');
INSERT INTO "holidays" VALUES('2022-12-26','Christmas Day, observed');
INSERT INTO "holidays" VALUES('2022-12-19','Ice storm');
CREATE TABLE letters (
	id INTEGER NOT NULL, 
	educator_id INTEGER NOT NULL, 
	sent DATE NOT NULL, 
	subject VARCHAR(120) NOT NULL, 
	body VARCHAR NOT NULL, 
	CONSTRAINT pk_letters PRIMARY KEY (id), 
	CONSTRAINT fk_letters_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "letters" VALUES(1,2,'2022-10-10','Requirements letter','Your application is incomplete. We still need: official transcripts; Verification of Lawful Presence form; verification of teaching experience.');
INSERT INTO "letters" VALUES(2,6,'2022-09-09','Requirements letter','Your application is incomplete. We still need: licensure test scores; Verification of Lawful Presence form.');
CREATE TABLE licenses (
	id INTEGER NOT NULL, 
	educator_id INTEGER NOT NULL, 
	license_class VARCHAR(4) NOT NULL, 
	license_type VARCHAR(60) NOT NULL, 
	issued DATE NOT NULL, 
	valid_through DATE NOT NULL, 
	renewable BOOLEAN NOT NULL, 
	CONSTRAINT pk_licenses PRIMARY KEY (id), 
	CONSTRAINT fk_licenses_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "licenses" VALUES(1,4,'AAAA','five-year standard','2018-08-06','2023-06-30',1);
INSERT INTO "licenses" VALUES(2,9,'AA','five-year standard','2018-08-29','2023-06-30',1);
INSERT INTO "licenses" VALUES(3,10,'AA','five-year standard','2022-10-03','2028-06-30',1);
INSERT INTO "licenses" VALUES(4,11,'A','five-year standard','2018-08-20','2023-06-30',1);
INSERT INTO "licenses" VALUES(5,12,'A','five-year standard','2017-08-18','2022-06-30',1);
INSERT INTO "licenses" VALUES(6,14,'A','five-year standard','2021-08-16','2026-06-30',1);
INSERT INTO "licenses" VALUES(7,15,'A','career administrator','2022-09-16','2028-06-30',1);
INSERT INTO "licenses" VALUES(8,16,'A','five-year standard','2021-08-04','2026-06-30',1);
INSERT INTO "licenses" VALUES(9,17,'AA','five-year standard','2020-07-14','2025-06-30',1);
INSERT INTO "licenses" VALUES(10,18,'AA','five-year standard','2020-07-17','2025-06-30',1);
INSERT INTO "licenses" VALUES(11,19,'AAAA','five-year standard','2020-08-31','2025-06-30',1);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	educator_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	created_at DATETIME NOT NULL, 
	claimed_at DATETIME, 
	sent_at DATETIME, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT fk_outbox_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "outbox" VALUES(1,3,'locked','2022-12-05 16:01:45.000000','2022-12-05 16:01:52.000000','2022-12-05 16:02:06.000000');
INSERT INTO "outbox" VALUES(2,2,'pin-changed','2022-12-05 16:04:26.000000','2022-12-05 16:04:33.000000','2022-12-05 16:04:47.000000');
CREATE TABLE phone_access (
	educator_id INTEGER NOT NULL, 
	pace VARCHAR(10) NOT NULL, 
	locked_until DATETIME, 
	lockouts INTEGER NOT NULL, 
	cleared_at DATETIME, 
	CONSTRAINT pk_phone_access PRIMARY KEY (educator_id), 
	CONSTRAINT fk_phone_access_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "phone_access" VALUES(1,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(2,'normal',NULL,0,'2022-12-05 16:04:26.000000');
INSERT INTO "phone_access" VALUES(3,'normal','2022-12-06 16:01:45.000000',1,NULL);
INSERT INTO "phone_access" VALUES(4,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(5,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(6,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(7,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(8,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(9,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(10,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(11,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(12,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(13,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(14,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(15,'slow',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(16,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(17,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(18,'normal',NULL,0,NULL);
INSERT INTO "phone_access" VALUES(19,'normal',NULL,0,NULL);
CREATE TABLE "pins" (
	educator_id INTEGER NOT NULL, 
	digest VARCHAR(200) NOT NULL, 
	set_at DATETIME NOT NULL, 
	cost VARCHAR(80) NOT NULL, 
	CONSTRAINT pk_pins PRIMARY KEY (educator_id), 
	CONSTRAINT fk_pins_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE
);
INSERT INTO "pins" VALUES(1,'$argon2id$v=19$m=8,t=1,p=1$m9LDCPhMdx3WNFnrXeABOA$ShNo8aRaVolVNfjgLuO1t8a28KS9esIVoUH2qhscPDs','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(2,'$argon2id$v=19$m=8,t=1,p=1$fSzptxAgybz6f7L/q+WYFQ$tukZP15Q7QAGoUbV6VomUw9Ramr0kCF3ovE9xZmQPnU','2022-12-05 16:04:26.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(3,'$argon2id$v=19$m=8,t=1,p=1$SB18WE5A7binXjd/6w08/w$9fAwrubiBXbMVuv2ETMdD1f1pJUDxdINZRWJbfStcqk','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(4,'$argon2id$v=19$m=8,t=1,p=1$r+leTKedPq2XOZ5fT0BdnA$2jjROCQfPZQY7QoqBfAgdBwT0GNJR7yCAnHj9DSBg4g','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(5,'$argon2id$v=19$m=8,t=1,p=1$tlMxLLnNkMfqeSgfXTxR+A$W7+dfPW0AuruQlDFJP3EvUAoh1ewNr95d8eBX/0g0Os','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(6,'$argon2id$v=19$m=8,t=1,p=1$3GiV8/h3O8DLtyp9fbQeOA$6Pr3EX6TrwPzXJJ+1Qj+h1f6owqHEhPDxiaRXStF02Q','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(7,'$argon2id$v=19$m=8,t=1,p=1$Twpu1VtTZ1LFe0UeN98YgA$B4NLFymB5rbZW493amsfG6Iov1avoZ1ReIfhmOCGvi4','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(8,'$argon2id$v=19$m=8,t=1,p=1$j7phgKWsEE0aCjCxb8wCMg$9a6LyvXrxCd4ppqLHtNjxMI1aNwjGx28K/8ixUJwWkY','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(9,'$argon2id$v=19$m=8,t=1,p=1$0FdsegP4DBdljZiaef/iHw$LWXg0XHQsdFsd/EtfdXNrMl8OdsrLjUBFrZI2E/ITFQ','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(10,'$argon2id$v=19$m=8,t=1,p=1$Ub/6nneD4ALEuWWVH592Zg$RDOo0dZmzdyGipuBpaegVVWkey/caKoXpPabcD+dJDU','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(11,'$argon2id$v=19$m=8,t=1,p=1$2HHgdn7cebdqFnPWBZ2v1g$pgG9Ikk4wpKGReWPIQYMFLwel4stY19QfDezRAGlv6o','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(12,'$argon2id$v=19$m=8,t=1,p=1$bhY6KLq/97Q2Yib2QMol7A$WOYleb9GDmR2H+swFofNIjBZLlh9qDNbRdaaQfkErKY','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(13,'$argon2id$v=19$m=8,t=1,p=1$lwVhaMvwUULMpkuMSiayGw$gjCMY9iZ9kK7F3XhOkoV9VSvz4cGCwN9zNv9LFANF+4','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(14,'$argon2id$v=19$m=8,t=1,p=1$D4JLKr727evSf0lkggsZJA$EnumpStf5uRu1jOFwZXRX0wfEX0hq3Eijyj0sxTJNoE','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "pins" VALUES(15,'$argon2id$v=19$m=8,t=1,p=1$9tv3Uzue4wYyX8lkumVlgw$ss2KJtyrvMWNQmVMdDZvG5CwIr/FvdThFTaLwlpIflQ','2022-03-08 15:00:00.000000','$argon2id$v=19$m=8,t=1,p=1');
CREATE TABLE required_documents (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	received DATE, 
	CONSTRAINT pk_required_documents PRIMARY KEY (id), 
	CONSTRAINT fk_required_documents_application_id_applications FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE
);
INSERT INTO "required_documents" VALUES(1,1,'official transcripts','2022-10-20');
INSERT INTO "required_documents" VALUES(2,1,'licensure test scores','2022-10-24');
INSERT INTO "required_documents" VALUES(3,1,'Verification of Lawful Presence form','2022-10-31');
INSERT INTO "required_documents" VALUES(4,2,'out-of-state license copy','2022-09-20');
INSERT INTO "required_documents" VALUES(5,2,'official transcripts',NULL);
INSERT INTO "required_documents" VALUES(6,2,'Verification of Lawful Presence form',NULL);
INSERT INTO "required_documents" VALUES(7,2,'verification of teaching experience',NULL);
INSERT INTO "required_documents" VALUES(8,3,'official transcripts',NULL);
INSERT INTO "required_documents" VALUES(9,3,'licensure test scores',NULL);
INSERT INTO "required_documents" VALUES(10,4,'CEU credits',NULL);
INSERT INTO "required_documents" VALUES(11,5,'official transcripts',NULL);
INSERT INTO "required_documents" VALUES(12,5,'licensure test scores',NULL);
INSERT INTO "required_documents" VALUES(13,5,'online recommendation','2022-10-03');
INSERT INTO "required_documents" VALUES(14,5,'Verification of Lawful Presence form',NULL);
INSERT INTO "required_documents" VALUES(15,6,'official transcripts','2022-08-19');
INSERT INTO "required_documents" VALUES(16,6,'licensure test scores','2022-09-16');
INSERT INTO "required_documents" VALUES(17,6,'Verification of Lawful Presence form','2022-09-16');
INSERT INTO "required_documents" VALUES(18,7,'official transcripts',NULL);
INSERT INTO "required_documents" VALUES(19,7,'licensure test scores','2022-10-24');
INSERT INTO "required_documents" VALUES(20,7,'Verification of Lawful Presence form','2022-10-31');
INSERT INTO "required_documents" VALUES(21,8,'official transcripts','2022-10-24');
INSERT INTO "required_documents" VALUES(22,8,'licensure test scores',NULL);
INSERT INTO "required_documents" VALUES(23,8,'online recommendation','2022-10-31');
INSERT INTO "required_documents" VALUES(24,8,'Verification of Lawful Presence form','2022-11-07');
INSERT INTO "required_documents" VALUES(25,9,'CEU credits','2022-09-12');
INSERT INTO "required_documents" VALUES(26,11,'official transcripts','2022-08-31');
INSERT INTO "required_documents" VALUES(27,11,'licensure test scores','2022-09-05');
INSERT INTO "required_documents" VALUES(28,11,'Verification of Lawful Presence form','2022-09-09');
INSERT INTO "required_documents" VALUES(29,12,'CEU credits','2022-09-14');
INSERT INTO "required_documents" VALUES(30,12,'Verification of Lawful Presence form','2022-09-20');
INSERT INTO "required_documents" VALUES(31,14,'official transcripts','2022-08-18');
INSERT INTO "required_documents" VALUES(32,14,'licensure test scores','2022-08-22');
INSERT INTO "required_documents" VALUES(33,14,'SEMI credits','2022-08-29');
INSERT INTO "required_documents" VALUES(34,15,'proof of name change','2022-10-31');
CREATE TABLE turns (
	id INTEGER NOT NULL, 
	call_row_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	field VARCHAR(60) NOT NULL, 
	attempt INTEGER NOT NULL, 
	result VARCHAR(10) NOT NULL, 
	start_ms INTEGER NOT NULL, 
	end_ms INTEGER NOT NULL, 
	prompt_end_ms INTEGER, 
	speech_start_ms INTEGER, 
	speech_end_ms INTEGER, 
	reply_after_ms INTEGER, 
	mode VARCHAR(10), 
	confidence DOUBLE, 
	utterance VARCHAR(500), 
	value VARCHAR(200), 
	grammar VARCHAR(200), 
	bargein BOOLEAN NOT NULL, 
	decision VARCHAR(20), 
	partials JSON NOT NULL, 
	CONSTRAINT pk_turns PRIMARY KEY (id), 
	CONSTRAINT fk_turns_call_row_id_calls FOREIGN KEY(call_row_id) REFERENCES calls (id) ON DELETE CASCADE
);
INSERT INTO "turns" VALUES(1,1,0,'license_number',1,'match',0,4000,NULL,NULL,NULL,NULL,'dtmf',1.0,'4 2 1 9 0 3','421903',NULL,0,'accept','[]');
INSERT INTO "turns" VALUES(2,1,1,'pin',1,'match',0,4000,NULL,NULL,NULL,NULL,'dtmf',1.0,NULL,NULL,NULL,0,'accept','[]');
INSERT INTO "turns" VALUES(3,1,2,'menu',1,'match',0,4000,NULL,NULL,NULL,NULL,'dtmf',1.0,'status','status',NULL,0,NULL,'[[3000, "status"]]');
INSERT INTO "turns" VALUES(4,2,0,'license_number',1,'match',0,4000,NULL,NULL,NULL,NULL,'dtmf',1.0,'4 2 1 9 0 3','421903',NULL,0,'accept','[]');
INSERT INTO "turns" VALUES(5,2,1,'pin',1,'match',0,4000,NULL,NULL,NULL,NULL,'dtmf',1.0,NULL,NULL,NULL,0,'accept','[]');
INSERT INTO "turns" VALUES(6,2,2,'menu',1,'match',0,4000,NULL,NULL,NULL,NULL,'dtmf',1.0,'status','status',NULL,0,NULL,'[[3000, "status"]]');
CREATE TABLE users (
	id INTEGER NOT NULL, 
	username VARCHAR(200) NOT NULL, 
	display_name VARCHAR(120) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	password_digest VARCHAR(200), 
	oidc_issuer VARCHAR(200), 
	oidc_subject VARCHAR(200), 
	educator_id INTEGER, password_cost VARCHAR(80), 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT fk_users_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE CASCADE, 
	CONSTRAINT uq_users_educator_id UNIQUE (educator_id), 
	CONSTRAINT uq_users_oidc UNIQUE (oidc_issuer, oidc_subject), 
	CONSTRAINT uq_users_username UNIQUE (username)
);
INSERT INTO "users" VALUES(1,'421903','Adaline Applewhite','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,1,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(2,'300715','Bettye Hollowell','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,2,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(3,'518246','Carlton Okolander','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,3,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(4,'265480','Delphine Vandermoor','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,4,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(5,'104837','Emmett Driftmire','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,5,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(6,'739512','Fredrica Cottenham','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,6,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(7,'846021','Garland Jessamine','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,7,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(8,'957364','Hollis Quarles','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,8,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(9,'183650','Idella Yarborne','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,9,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(10,'672098','Jarvis Foxhaven','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,10,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(11,'390274','Keziah Easterby','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,11,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(12,'451867','Lavonne Landerby','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,12,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(13,'208943','Mabry Sallisworth','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,13,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(14,'567130','Nerissa Ashcombe','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,14,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(15,'815402','Orville Hartsfield','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,15,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(16,'627581','Philippa Gatlinger','educator','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,16,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(17,'947479','Quincy Northam','educator',NULL,NULL,NULL,17,NULL);
INSERT INTO "users" VALUES(18,'489004','Rosalind Underhall','educator',NULL,NULL,NULL,18,NULL);
INSERT INTO "users" VALUES(19,'430109','Sanford Coldwater','educator',NULL,NULL,NULL,19,NULL);
INSERT INTO "users" VALUES(20,'representative','Rhea Calloway','representative','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,NULL,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(21,'representative2','Tobias Lindqvist','representative','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,NULL,'$argon2id$v=19$m=8,t=1,p=1');
INSERT INTO "users" VALUES(22,'supervisor','Marguerite Oakes','supervisor','$argon2id$v=19$m=8,t=1,p=1$sPijhlAnTeh1x7lEfQwIQw$5u7SNB9p2GlTpTf+3UApYqvGThr0x5bafLJZl8TeBtw',NULL,NULL,NULL,'$argon2id$v=19$m=8,t=1,p=1');
CREATE TABLE web_sessions (
	digest VARCHAR(64) NOT NULL, 
	user_id INTEGER NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	confirmed_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	educator_id INTEGER, 
	call_id VARCHAR(80), 
	flash VARCHAR(300), 
	CONSTRAINT pk_web_sessions PRIMARY KEY (digest), 
	CONSTRAINT fk_web_sessions_educator_id_educators FOREIGN KEY(educator_id) REFERENCES educators (id) ON DELETE SET NULL, 
	CONSTRAINT fk_web_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "web_sessions" VALUES('8c9218e783e632c4851b4443de7ccd33afe9d0e718fa6b0622ba72cc4962abc6',22,'X8JosybGQlhtA23XkCt2YlWKF5tQKCsVHz3qpraTW50','2022-12-05 16:02:55.000000','2022-12-05 16:03:30.000000','2022-12-05 16:02:55.000000','2022-12-06 04:02:55.000000',NULL,NULL,'The closing has been added.');
INSERT INTO "web_sessions" VALUES('056a752e5f5070faea8914c08b616c978d8eefee01084dcbe48c50188687610c',2,'4hEswFg1z8bEKE6rTvACI7kwDoHfxthM6aX66EQb0Co','2022-12-05 16:03:58.000000','2022-12-05 16:03:58.000000','2022-12-05 16:03:58.000000','2022-12-06 04:03:58.000000',NULL,NULL,'Your Educator PIN has been updated. The old PIN no longer works.');
CREATE TABLE weekly_notices (
	id INTEGER NOT NULL, 
	renewal_week DATE NOT NULL, 
	other_week DATE NOT NULL, 
	set_at DATETIME NOT NULL, 
	set_by INTEGER, 
	CONSTRAINT pk_weekly_notices PRIMARY KEY (id), 
	CONSTRAINT fk_weekly_notices_set_by_users FOREIGN KEY(set_by) REFERENCES users (id) ON DELETE SET NULL
);
INSERT INTO "weekly_notices" VALUES(1,'2022-11-14','2022-10-24','2022-12-05 16:00:07.000000',NULL);
INSERT INTO "weekly_notices" VALUES(2,'2022-11-28','2022-11-21','2022-12-05 16:03:16.000000',22);
CREATE INDEX ix_audit_rows_action ON audit_rows (action);
CREATE INDEX ix_audit_rows_at ON audit_rows (at);
CREATE INDEX ix_calls_license_number ON calls (license_number);
CREATE INDEX ix_calls_outcome ON calls (outcome);
CREATE INDEX ix_calls_started_at ON calls (started_at);
CREATE INDEX ix_activities_educator_id ON activities (educator_id);
CREATE INDEX ix_applications_latest ON applications (educator_id, submitted);
CREATE INDEX ix_applications_status ON applications (status);
CREATE INDEX ix_call_tokens_educator_id ON call_tokens (educator_id);
CREATE INDEX ix_call_tokens_expires_at ON call_tokens (expires_at);
CREATE INDEX ix_letters_educator_id ON letters (educator_id);
CREATE INDEX ix_licenses_educator_id ON licenses (educator_id);
CREATE INDEX ix_turns_call_row_id ON turns (call_row_id);
CREATE INDEX ix_turns_field ON turns (field);
CREATE INDEX ix_attempts_account ON attempts (educator_id, at);
CREATE INDEX ix_attempts_at ON attempts (at);
CREATE INDEX ix_required_documents_application_id ON required_documents (application_id);
CREATE INDEX ix_web_sessions_expires_at ON web_sessions (expires_at);
CREATE INDEX ix_web_sessions_user_id ON web_sessions (user_id);
CREATE INDEX ix_outbox_sent_at ON outbox (sent_at);
CREATE INDEX ix_pins_cost ON pins (cost);
CREATE INDEX ix_users_password_cost ON users (password_cost);
COMMIT;
