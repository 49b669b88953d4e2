BEGIN TRANSACTION;
CREATE TABLE app_files (
	id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	original_name VARCHAR(255) NOT NULL, 
	mimetype VARCHAR(255) NOT NULL, 
	size BIGINT NOT NULL, 
	"key" VARCHAR(512) NOT NULL, 
	checksum VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_app_files PRIMARY KEY (id), 
	CONSTRAINT fk_app_files_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE
);
INSERT INTO "app_files" VALUES('1 app_files.id é''"\%','1 apps.id é''"\%','1 app_files.organization','1 app_files.original_name é''"\%','1 app_files.mimetype é''"\%',1099511627777,'1 app_files.key é''"\%','1 app_files.checksum é''"\%',1099511627777);
INSERT INTO "app_files" VALUES('2 app_files.id é''"\%','2 apps.id é''"\%','2 app_files.organization','2 app_files.original_name é''"\%','2 app_files.mimetype é''"\%',1099511627778,'2 app_files.key é''"\%','2 app_files.checksum é''"\%',1099511627778);
CREATE TABLE app_tokens (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	description VARCHAR(1000) NOT NULL, 
	scopes JSON NOT NULL, 
	created_by VARCHAR(24), 
	expires_at BIGINT, 
	revoked_at BIGINT, 
	last_used_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_app_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_app_tokens_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_app_tokens_created_by FOREIGN KEY(created_by) REFERENCES users (id) ON DELETE SET NULL, 
	CONSTRAINT fk_app_tokens_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_app_tokens_digest UNIQUE (digest)
);
INSERT INTO "app_tokens" VALUES('1 app_tokens.id é''"\%','1 organizations.id é''"\%','1 apps.id é''"\%','1 app_tokens.digest é''"\%','1 app_tokens.description é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 users.id é''"\%',1099511627777,1099511627777,1099511627777,1099511627777);
INSERT INTO "app_tokens" VALUES('2 app_tokens.id é''"\%','2 organizations.id é''"\%','2 apps.id é''"\%','2 app_tokens.digest é''"\%','2 app_tokens.description é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 users.id é''"\%',1099511627778,1099511627778,1099511627778,1099511627778);
CREATE TABLE apps (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	slug VARCHAR(128) NOT NULL, 
	description TEXT NOT NULL, 
	picture TEXT NOT NULL, 
	notify_collaborators BOOLEAN NOT NULL, 
	notify_employees BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, notify_otp_users BOOLEAN DEFAULT 0 NOT NULL, notify_feedback BOOLEAN DEFAULT 0 NOT NULL, new_build_message TEXT DEFAULT '' NOT NULL, notification_language VARCHAR(2) DEFAULT '' NOT NULL, build_retention_days INTEGER, builds_retained_per_publication INTEGER, metadata JSON DEFAULT '{}' NOT NULL, default_scripts JSON DEFAULT '{}' NOT NULL, picture_source VARCHAR(24) DEFAULT '' NOT NULL, downloads BIGINT DEFAULT '0' NOT NULL, last_build_processed_at BIGINT, 
	CONSTRAINT pk_apps PRIMARY KEY (id), 
	CONSTRAINT fk_apps_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_apps_organization_id_slug UNIQUE (organization_id, slug)
);
INSERT INTO "apps" VALUES('1 apps.id é''"\%','1 organizations.id é''"\%','1 apps.name é''"\%','1 apps.slug é''"\%','1 apps.description é''"\%','1 apps.picture é''"\%',1,1,1099511627777,1099511627777,1,1,'1 apps.new_build_message é''"\%','1 ',1,1,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 apps.picture_source é''',1099511627777,1099511627777);
INSERT INTO "apps" VALUES('2 apps.id é''"\%','2 organizations.id é''"\%','2 apps.name é''"\%','2 apps.slug é''"\%','2 apps.description é''"\%','2 apps.picture é''"\%',0,0,1099511627778,1099511627778,0,0,'2 apps.new_build_message é''"\%','2 ',2,2,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 apps.picture_source é''',1099511627778,1099511627778);
CREATE TABLE audit_log (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24), 
	principal_kind VARCHAR(32) NOT NULL, 
	principal_id VARCHAR(64) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	target_id VARCHAR(64) NOT NULL, 
	detail JSON NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_audit_log PRIMARY KEY (id)
);
INSERT INTO "audit_log" VALUES('1 audit_log.id é''"\%','1 audit_log.organization','1 audit_log.app_id é''"\%','1 audit_log.principal_kind é''"\%','1 audit_log.principal_id é''"\%','1 audit_log.action é''"\%','1 audit_log.target_id é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777);
INSERT INTO "audit_log" VALUES('2 audit_log.id é''"\%','2 audit_log.organization','2 audit_log.app_id é''"\%','2 audit_log.principal_kind é''"\%','2 audit_log.principal_id é''"\%','2 audit_log.action é''"\%','2 audit_log.target_id é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778);
CREATE TABLE build_counts (
	app_id VARCHAR(24) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	os VARCHAR(32) NOT NULL, 
	builds BIGINT NOT NULL, 
	CONSTRAINT pk_build_counts PRIMARY KEY (app_id, status, os), 
	CONSTRAINT fk_build_counts_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE
);
INSERT INTO "build_counts" VALUES('1 apps.id é''"\%','1 build_counts.s','1 build_counts.os é''"\%',1099511627777);
INSERT INTO "build_counts" VALUES('2 apps.id é''"\%','2 build_counts.s','2 build_counts.os é''"\%',1099511627778);
CREATE TABLE build_files (
	id VARCHAR(24) NOT NULL, 
	build_id VARCHAR(24) NOT NULL, 
	position INTEGER NOT NULL, 
	type VARCHAR(16) NOT NULL, 
	description VARCHAR(1000) NOT NULL, 
	original_name VARCHAR(255) NOT NULL, 
	mimetype VARCHAR(255) NOT NULL, 
	size BIGINT NOT NULL, 
	bucket VARCHAR(255) NOT NULL, 
	"key" VARCHAR(512) NOT NULL, 
	region VARCHAR(64) NOT NULL, 
	storage_provider_id VARCHAR(24) NOT NULL, 
	checksum VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_build_files PRIMARY KEY (id), 
	CONSTRAINT fk_build_files_build_id FOREIGN KEY(build_id) REFERENCES builds (id) ON DELETE CASCADE
);
INSERT INTO "build_files" VALUES('1 build_files.id é''"\%','1 builds.id é''"\%',1,'1 build_files.ty','1 build_files.description é''"\%','1 build_files.original_name é''"\%','1 build_files.mimetype é''"\%',1099511627777,'1 build_files.bucket é''"\%','1 build_files.key é''"\%','1 build_files.region é''"\%','1 build_files.storage_pr','1 build_files.checksum é''"\%',1099511627777,1099511627777);
INSERT INTO "build_files" VALUES('2 build_files.id é''"\%','2 builds.id é''"\%',2,'2 build_files.ty','2 build_files.description é''"\%','2 build_files.original_name é''"\%','2 build_files.mimetype é''"\%',1099511627778,'2 build_files.bucket é''"\%','2 build_files.key é''"\%','2 build_files.region é''"\%','2 build_files.storage_pr','2 build_files.checksum é''"\%',1099511627778,1099511627778);
CREATE TABLE build_tags (
	build_id VARCHAR(24) NOT NULL, 
	tag VARCHAR(128) NOT NULL, 
	position INTEGER NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	CONSTRAINT pk_build_tags PRIMARY KEY (build_id, tag), 
	CONSTRAINT fk_build_tags_build_id FOREIGN KEY(build_id) REFERENCES builds (id) ON DELETE CASCADE
);
INSERT INTO "build_tags" VALUES('1 builds.id é''"\%','1 build_tags.tag é''"\%',1,'1 build_tags.app_id é''"\');
INSERT INTO "build_tags" VALUES('2 builds.id é''"\%','2 build_tags.tag é''"\%',2,'2 build_tags.app_id é''"\');
CREATE TABLE build_version_counts (
	app_id VARCHAR(24) NOT NULL, 
	version_name VARCHAR(255) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	os VARCHAR(32) NOT NULL, 
	builds BIGINT NOT NULL, 
	CONSTRAINT pk_build_version_counts PRIMARY KEY (app_id, version_name, status, os), 
	CONSTRAINT fk_build_version_counts_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE
);
INSERT INTO "build_version_counts" VALUES('1 apps.id é''"\%','1 build_version_counts.version_name é''"\%','1 build_version_','1 build_version_counts.os é''"\%',1099511627777);
INSERT INTO "build_version_counts" VALUES('2 apps.id é''"\%','2 build_version_counts.version_name é''"\%','2 build_version_','2 build_version_counts.os é''"\%',1099511627778);
CREATE TABLE builds (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	version_name VARCHAR(255) NOT NULL, 
	version_code VARCHAR(255) NOT NULL, 
	changelog TEXT NOT NULL, 
	info TEXT, 
	size BIGINT NOT NULL, 
	os VARCHAR(32) NOT NULL, 
	build_platform VARCHAR(32) NOT NULL, 
	package_name VARCHAR(255) NOT NULL, 
	package_version VARCHAR(255) NOT NULL, 
	queued_ms BIGINT NOT NULL, 
	process_ms BIGINT NOT NULL, 
	error TEXT NOT NULL, 
	error_code VARCHAR(64) NOT NULL, 
	warnings JSON NOT NULL, 
	deployer JSON NOT NULL, 
	notification JSON NOT NULL, 
	uploaded_by JSON NOT NULL, 
	original_extension VARCHAR(16) NOT NULL, 
	storage_provider JSON NOT NULL, 
	metadata JSON NOT NULL, 
	default_scripts JSON NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	attempt INTEGER NOT NULL, 
	claims INTEGER NOT NULL, 
	parser_deaths INTEGER NOT NULL, 
	claimed_at BIGINT, 
	revision INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_builds PRIMARY KEY (id), 
	CONSTRAINT fk_builds_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_builds_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "builds" VALUES('1 builds.id é''"\%','1 organizations.id é''"\%','1 apps.id é''"\%','1 builds.status ','1 builds.version_name é''"\%','1 builds.version_code é''"\%','1 builds.changelog é''"\%','1 builds.info é''"\%',1099511627777,'1 builds.os é''"\%','1 builds.build_platform é''"\%','1 builds.package_name é''"\%','1 builds.package_version é''"\%',1099511627777,1099511627777,'1 builds.error é''"\%','1 builds.error_code é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 builds.origina','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1,1,1,1,1099511627777,1,1099511627777,1099511627777);
INSERT INTO "builds" VALUES('2 builds.id é''"\%','2 organizations.id é''"\%','2 apps.id é''"\%','2 builds.status ','2 builds.version_name é''"\%','2 builds.version_code é''"\%','2 builds.changelog é''"\%','2 builds.info é''"\%',1099511627778,'2 builds.os é''"\%','2 builds.build_platform é''"\%','2 builds.package_name é''"\%','2 builds.package_version é''"\%',1099511627778,1099511627778,'2 builds.error é''"\%','2 builds.error_code é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 builds.origina','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0,2,2,2,1099511627778,2,1099511627778,1099511627778);
CREATE TABLE download_tokens (
	digest VARCHAR(64) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	build_id VARCHAR(24) NOT NULL, 
	file_id VARCHAR(24), 
	type VARCHAR(8) NOT NULL, 
	origin VARCHAR(32) NOT NULL, 
	member_type VARCHAR(32) NOT NULL, 
	member JSON NOT NULL, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_download_tokens PRIMARY KEY (digest)
);
INSERT INTO "download_tokens" VALUES('1 download_tokens.digest é''"\%','1 download_tokens.organi','1 download_tokens.app_id','1 download_tokens.build_','1 download_tokens.file_i','1 downlo','1 download_tokens.origin é''"\%','1 download_tokens.member_type é''','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,1099511627777,1099511627777);
INSERT INTO "download_tokens" VALUES('2 download_tokens.digest é''"\%','2 download_tokens.organi','2 download_tokens.app_id','2 download_tokens.build_','2 download_tokens.file_i','2 downlo','2 download_tokens.origin é''"\%','2 download_tokens.member_type é''','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,1099511627778,1099511627778);
CREATE TABLE downloads (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	build_id VARCHAR(24) NOT NULL, 
	file_id VARCHAR(24) NOT NULL, 
	origin VARCHAR(32) NOT NULL, 
	member_type VARCHAR(32) NOT NULL, 
	member JSON NOT NULL, 
	member_email VARCHAR(256) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_downloads PRIMARY KEY (id), 
	CONSTRAINT fk_downloads_build_id FOREIGN KEY(build_id) REFERENCES builds (id) ON DELETE CASCADE
);
INSERT INTO "downloads" VALUES('1 downloads.id é''"\%','1 downloads.organization','1 downloads.app_id é''"\%','1 builds.id é''"\%','1 downloads.file_id é''"\','1 downloads.origin é''"\%','1 downloads.member_type é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 downloads.member_email é''"\%',1099511627777);
INSERT INTO "downloads" VALUES('2 downloads.id é''"\%','2 downloads.organization','2 downloads.app_id é''"\%','2 builds.id é''"\%','2 downloads.file_id é''"\','2 downloads.origin é''"\%','2 downloads.member_type é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 downloads.member_email é''"\%',1099511627778);
CREATE TABLE executors (
	id VARCHAR(64) NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	started_at BIGINT NOT NULL, 
	beat_at BIGINT NOT NULL, 
	CONSTRAINT pk_executors PRIMARY KEY (id)
);
INSERT INTO "executors" VALUES('1 executors.id é''"\%','1 executors.host é''"\%','1 executors.role',1099511627777,1099511627777);
INSERT INTO "executors" VALUES('2 executors.id é''"\%','2 executors.host é''"\%','2 executors.role',1099511627778,1099511627778);
CREATE TABLE login_attempts (
	"key" VARCHAR(64) NOT NULL, 
	attempts INTEGER NOT NULL, 
	began_at BIGINT NOT NULL, 
	CONSTRAINT pk_login_attempts PRIMARY KEY ("key")
);
INSERT INTO "login_attempts" VALUES('1 login_attempts.key é''"\%',1,1099511627777);
INSERT INTO "login_attempts" VALUES('2 login_attempts.key é''"\%',2,1099511627778);
CREATE TABLE loose_blobs (
	id VARCHAR(24) NOT NULL, 
	executor_id VARCHAR(64) NOT NULL, 
	keys JSON NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_loose_blobs PRIMARY KEY (id)
);
INSERT INTO "loose_blobs" VALUES('1 loose_blobs.id é''"\%','1 loose_blobs.executor_id é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777);
INSERT INTO "loose_blobs" VALUES('2 loose_blobs.id é''"\%','2 loose_blobs.executor_id é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778);
CREATE TABLE memberships (
	user_id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	created_at BIGINT NOT NULL, tags JSON DEFAULT '[]' NOT NULL, updated_at BIGINT, 
	CONSTRAINT pk_memberships PRIMARY KEY (user_id, organization_id), 
	CONSTRAINT fk_memberships_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_memberships_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "memberships" VALUES('1 users.id é''"\%','1 organizations.id é''"\%','1 memberships.role é''"\%',1099511627777,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777);
INSERT INTO "memberships" VALUES('2 users.id é''"\%','2 organizations.id é''"\%','2 memberships.role é''"\%',1099511627778,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778);
CREATE TABLE organizations (
	id VARCHAR(24) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	slug VARCHAR(128) NOT NULL, 
	integrations_enabled BOOLEAN NOT NULL, 
	workspace_enabled BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_organizations PRIMARY KEY (id), 
	CONSTRAINT uq_organizations_slug UNIQUE (slug)
);
INSERT INTO "organizations" VALUES('1 organizations.id é''"\%','1 organizations.name é''"\%','1 organizations.slug é''"\%',1,1,1099511627777,1099511627777);
INSERT INTO "organizations" VALUES('2 organizations.id é''"\%','2 organizations.name é''"\%','2 organizations.slug é''"\%',0,0,1099511627778,1099511627778);
CREATE TABLE schema_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT schema_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "schema_version" VALUES('0002');
CREATE TABLE service_accounts (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	expires_at BIGINT, 
	revoked_at BIGINT, 
	last_used_at BIGINT, 
	created_at BIGINT NOT NULL, previous_digest VARCHAR(64), previous_expires_at BIGINT, 
	CONSTRAINT pk_service_accounts PRIMARY KEY (id), 
	CONSTRAINT fk_service_accounts_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_service_accounts_digest UNIQUE (digest)
);
INSERT INTO "service_accounts" VALUES('1 service_accounts.id é''','1 organizations.id é''"\%','1 service_accounts.name é''"\%','1 service_accounts.role é''"\%','1 service_accounts.digest é''"\%',1099511627777,1099511627777,1099511627777,1099511627777,'1 service_accounts.previous_digest é''"\%',1099511627777);
INSERT INTO "service_accounts" VALUES('2 service_accounts.id é''','2 organizations.id é''"\%','2 service_accounts.name é''"\%','2 service_accounts.role é''"\%','2 service_accounts.digest é''"\%',1099511627778,1099511627778,1099511627778,1099511627778,'2 service_accounts.previous_digest é''"\%',1099511627778);
CREATE TABLE sessions (
	id VARCHAR(24) NOT NULL, 
	user_id VARCHAR(24) NOT NULL, 
	access_digest VARCHAR(64) NOT NULL, 
	access_expires_at BIGINT NOT NULL, 
	refresh_digest VARCHAR(64) NOT NULL, 
	refresh_expires_at BIGINT NOT NULL, 
	user_agent VARCHAR(255) NOT NULL, 
	last_used_at BIGINT, 
	revoked_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_sessions_access_digest UNIQUE (access_digest), 
	CONSTRAINT uq_sessions_refresh_digest UNIQUE (refresh_digest)
);
INSERT INTO "sessions" VALUES('1 sessions.id é''"\%','1 users.id é''"\%','1 sessions.access_digest é''"\%',1099511627777,'1 sessions.refresh_digest é''"\%',1099511627777,'1 sessions.user_agent é''"\%',1099511627777,1099511627777,1099511627777);
INSERT INTO "sessions" VALUES('2 sessions.id é''"\%','2 users.id é''"\%','2 sessions.access_digest é''"\%',1099511627778,'2 sessions.refresh_digest é''"\%',1099511627778,'2 sessions.user_agent é''"\%',1099511627778,1099511627778,1099511627778);
CREATE TABLE spent_refresh_tokens (
	digest VARCHAR(64) NOT NULL, 
	session_id VARCHAR(24) NOT NULL, 
	spent_at BIGINT NOT NULL, 
	CONSTRAINT pk_spent_refresh_tokens PRIMARY KEY (digest), 
	CONSTRAINT fk_spent_refresh_tokens_session_id FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "spent_refresh_tokens" VALUES('1 spent_refresh_tokens.digest é''"\%','1 sessions.id é''"\%',1099511627777);
INSERT INTO "spent_refresh_tokens" VALUES('2 spent_refresh_tokens.digest é''"\%','2 sessions.id é''"\%',1099511627778);
CREATE TABLE users (
	id VARCHAR(24) NOT NULL, 
	email VARCHAR(256) NOT NULL, 
	first_name VARCHAR(255) NOT NULL, 
	last_name VARCHAR(255) NOT NULL, 
	picture TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_email UNIQUE (email)
);
INSERT INTO "users" VALUES('1 users.id é''"\%','1 users.email é''"\%','1 users.first_name é''"\%','1 users.last_name é''"\%','1 users.picture é''"\%','1 users.password_hash é''"\%',1099511627777,1099511627777);
INSERT INTO "users" VALUES('2 users.id é''"\%','2 users.email é''"\%','2 users.first_name é''"\%','2 users.last_name é''"\%','2 users.picture é''"\%','2 users.password_hash é''"\%',1099511627778,1099511627778);
CREATE INDEX ix_audit_log_created ON audit_log (organization_id, created_at DESC, id DESC);
CREATE INDEX ix_download_tokens_build_id ON download_tokens (build_id);
CREATE INDEX ix_download_tokens_expires_at ON download_tokens (expires_at);
CREATE INDEX ix_loose_blobs_executor_id ON loose_blobs (executor_id);
CREATE INDEX ix_service_accounts_organization_id ON service_accounts (organization_id);
CREATE INDEX ix_app_tokens_app_id ON app_tokens (app_id);
CREATE INDEX ix_builds_code ON builds (app_id, version_code, created_at, id);
CREATE INDEX ix_builds_created ON builds (app_id, created_at, id);
CREATE INDEX ix_builds_os ON builds (app_id, os, created_at, id);
CREATE INDEX ix_builds_os_status ON builds (app_id, os, status, created_at, id);
CREATE INDEX ix_builds_size ON builds (app_id, size, created_at, id);
CREATE INDEX ix_builds_status ON builds (app_id, status, created_at, id);
CREATE INDEX ix_builds_updated ON builds (app_id, updated_at, id);
CREATE INDEX ix_builds_version ON builds (app_id, version_name, created_at, id, os, status);
CREATE INDEX ix_build_files_build_id ON build_files (build_id);
CREATE INDEX ix_build_files_key ON build_files ("key");
CREATE INDEX ix_build_tags_tag ON build_tags (app_id, tag, build_id);
CREATE INDEX ix_downloads_created ON downloads (build_id, created_at DESC, id DESC);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);
CREATE INDEX ix_sessions_refresh_expires_at ON sessions (refresh_expires_at);
CREATE INDEX ix_spent_refresh_tokens_session_id ON spent_refresh_tokens (session_id);
CREATE INDEX ix_login_attempts_began_at ON login_attempts (began_at);
CREATE INDEX ix_app_files_app_id ON app_files (app_id);
CREATE INDEX ix_app_files_key ON app_files ("key");
CREATE INDEX ix_service_accounts_previous_digest ON service_accounts (previous_digest);
COMMIT;
