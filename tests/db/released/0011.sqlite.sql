BEGIN TRANSACTION;
CREATE TABLE addresses (
	name VARCHAR(16) NOT NULL, 
	url VARCHAR(512) NOT NULL, 
	noted_at BIGINT NOT NULL, 
	CONSTRAINT pk_addresses PRIMARY KEY (name)
);
INSERT INTO "addresses" VALUES('1 addresses.name','1 addresses.url é''"\%',1099511627777);
INSERT INTO "addresses" VALUES('2 addresses.name','2 addresses.url é''"\%',1099511627778);
CREATE TABLE app_collaborators (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	user_id VARCHAR(24) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	created_by VARCHAR(24), 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_app_collaborators PRIMARY KEY (id), 
	CONSTRAINT fk_app_collaborators_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_app_collaborators_created_by FOREIGN KEY(created_by) REFERENCES users (id) ON DELETE SET NULL, 
	CONSTRAINT fk_app_collaborators_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_app_collaborators_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_app_collaborators_app_id_user_id UNIQUE (app_id, user_id)
);
INSERT INTO "app_collaborators" VALUES('1 app_collaborators.id é','1 organizations.id é''"\%','1 apps.id é''"\%','1 users.id é''"\%','1 app_collaborat','1 users.id é''"\%',1099511627777,1099511627777);
INSERT INTO "app_collaborators" VALUES('2 app_collaborators.id é','2 organizations.id é''"\%','2 apps.id é''"\%','2 users.id é''"\%','2 app_collaborat','2 users.id é''"\%',1099511627778,1099511627778);
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
	updated_at BIGINT NOT NULL, notify_otp_users BOOLEAN DEFAULT 0 NOT NULL, notify_feedback BOOLEAN DEFAULT 0 NOT NULL, new_build_message TEXT DEFAULT '' NOT NULL, notification_language VARCHAR(2) DEFAULT '' NOT NULL, build_retention_days INTEGER, builds_retained_per_publication INTEGER, metadata JSON DEFAULT '{}' NOT NULL, default_scripts JSON DEFAULT '{}' NOT NULL, picture_source VARCHAR(24) DEFAULT '' NOT NULL, downloads BIGINT DEFAULT '0' NOT NULL, last_build_processed_at BIGINT, sdk JSON DEFAULT '{}' NOT NULL, feedbacks BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_apps PRIMARY KEY (id), 
	CONSTRAINT fk_apps_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_apps_organization_id_slug UNIQUE (organization_id, slug)
);
INSERT INTO "apps" VALUES('1 apps.id é''"\%','1 organizations.id é''"\%','1 apps.name é''"\%','1 apps.slug é''"\%','1 apps.description é''"\%','1 apps.picture é''"\%',1,1,1099511627777,1099511627777,1,1,'1 apps.new_build_message é''"\%','1 ',1,1,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 apps.picture_source é''',1099511627777,1099511627777,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777);
INSERT INTO "apps" VALUES('2 apps.id é''"\%','2 organizations.id é''"\%','2 apps.name é''"\%','2 apps.slug é''"\%','2 apps.description é''"\%','2 apps.picture é''"\%',0,0,1099511627778,1099511627778,0,0,'2 apps.new_build_message é''"\%','2 ',2,2,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 apps.picture_source é''',1099511627778,1099511627778,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778);
CREATE TABLE audience_employees (
	audience_id VARCHAR(24) NOT NULL, 
	employee_id VARCHAR(24) NOT NULL, 
	CONSTRAINT pk_audience_employees PRIMARY KEY (audience_id, employee_id), 
	CONSTRAINT fk_audience_employees_audience_id FOREIGN KEY(audience_id) REFERENCES audiences (id) ON DELETE CASCADE, 
	CONSTRAINT fk_audience_employees_employee_id FOREIGN KEY(employee_id) REFERENCES employees (id) ON DELETE CASCADE
);
INSERT INTO "audience_employees" VALUES('1 audiences.id é''"\%','1 employees.id é''"\%');
INSERT INTO "audience_employees" VALUES('2 audiences.id é''"\%','2 employees.id é''"\%');
CREATE TABLE audiences (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	"key" VARCHAR(512) NOT NULL, 
	description VARCHAR(1000) DEFAULT '' NOT NULL, 
	conditions JSON DEFAULT '[]' NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_audiences PRIMARY KEY (id), 
	CONSTRAINT fk_audiences_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_audiences_organization_id_key UNIQUE (organization_id, "key")
);
INSERT INTO "audiences" VALUES('1 audiences.id é''"\%','1 organizations.id é''"\%','1 audiences.name é''"\%','1 audiences.key é''"\%','1 audiences.description é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,1099511627777);
INSERT INTO "audiences" VALUES('2 audiences.id é''"\%','2 organizations.id é''"\%','2 audiences.name é''"\%','2 audiences.key é''"\%','2 audiences.description é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,1099511627778);
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
	updated_at BIGINT NOT NULL, details JSON, 
	CONSTRAINT pk_build_files PRIMARY KEY (id), 
	CONSTRAINT fk_build_files_build_id FOREIGN KEY(build_id) REFERENCES builds (id) ON DELETE CASCADE
);
INSERT INTO "build_files" VALUES('1 build_files.id é''"\%','1 builds.id é''"\%',1,'1 build_files.ty','1 build_files.description é''"\%','1 build_files.original_name é''"\%','1 build_files.mimetype é''"\%',1099511627777,'1 build_files.bucket é''"\%','1 build_files.key é''"\%','1 build_files.region é''"\%','1 build_files.storage_pr','1 build_files.checksum é''"\%',1099511627777,1099511627777,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}');
INSERT INTO "build_files" VALUES('2 build_files.id é''"\%','2 builds.id é''"\%',2,'2 build_files.ty','2 build_files.description é''"\%','2 build_files.original_name é''"\%','2 build_files.mimetype é''"\%',1099511627778,'2 build_files.bucket é''"\%','2 build_files.key é''"\%','2 build_files.region é''"\%','2 build_files.storage_pr','2 build_files.checksum é''"\%',1099511627778,1099511627778,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}');
CREATE TABLE build_lanes (
	build_id VARCHAR(24) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	value VARCHAR(255) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	os VARCHAR(32) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_build_lanes PRIMARY KEY (build_id, kind, value), 
	CONSTRAINT fk_build_lanes_build_id FOREIGN KEY(build_id) REFERENCES builds (id) ON DELETE CASCADE
);
INSERT INTO "build_lanes" VALUES('1 builds.id é''"\%','1 build_lanes.ki','1 build_lanes.value é''"\%','1 build_lanes.app_id é''"','1 build_lanes.os é''"\%',1099511627777);
INSERT INTO "build_lanes" VALUES('2 builds.id é''"\%','2 build_lanes.ki','2 build_lanes.value é''"\%','2 build_lanes.app_id é''"','2 build_lanes.os é''"\%',1099511627778);
CREATE TABLE build_notifications (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	build_id VARCHAR(24) NOT NULL, 
	turn INTEGER NOT NULL, 
	requested_by JSON NOT NULL, 
	collaborators BOOLEAN NOT NULL, 
	employees BOOLEAN NOT NULL, 
	message TEXT NOT NULL, 
	language VARCHAR(2) NOT NULL, 
	groups JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) DEFAULT '' NOT NULL, 
	position VARCHAR(256) DEFAULT '' NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_build_notifications PRIMARY KEY (id), 
	CONSTRAINT fk_build_notifications_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_build_notifications_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_build_notifications_build_id_turn UNIQUE (build_id, turn)
);
INSERT INTO "build_notifications" VALUES('1 build_notifications.id','1 organizations.id é''"\%','1 apps.id é''"\%','1 build_notifications.bu',1,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1,1,'1 build_notifications.message é''"\%','1 ','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 build_notifica','1 build_notifications.reason é''"','1 build_notifications.position é''"\%',1099511627777,1099511627777);
INSERT INTO "build_notifications" VALUES('2 build_notifications.id','2 organizations.id é''"\%','2 apps.id é''"\%','2 build_notifications.bu',2,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0,0,'2 build_notifications.message é''"\%','2 ','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 build_notifica','2 build_notifications.reason é''"','2 build_notifications.position é''"\%',1099511627778,1099511627778);
CREATE TABLE build_pins (
	build_id VARCHAR(24) NOT NULL, 
	reason VARCHAR(1000) NOT NULL, 
	pinned_by JSON NOT NULL, 
	pinned_at BIGINT NOT NULL, 
	CONSTRAINT pk_build_pins PRIMARY KEY (build_id), 
	CONSTRAINT fk_build_pins_build_id FOREIGN KEY(build_id) REFERENCES builds (id) ON DELETE CASCADE
);
INSERT INTO "build_pins" VALUES('1 builds.id é''"\%','1 build_pins.reason é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777);
INSERT INTO "build_pins" VALUES('2 builds.id é''"\%','2 build_pins.reason é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778);
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
	updated_at BIGINT NOT NULL, git_branch VARCHAR(255) DEFAULT '' NOT NULL, git_tag VARCHAR(255) DEFAULT '' NOT NULL, update_identifier VARCHAR(255) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_builds PRIMARY KEY (id), 
	CONSTRAINT fk_builds_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_builds_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "builds" VALUES('1 builds.id é''"\%','1 organizations.id é''"\%','1 apps.id é''"\%','1 builds.status ','1 builds.version_name é''"\%','1 builds.version_code é''"\%','1 builds.changelog é''"\%','1 builds.info é''"\%',1099511627777,'1 builds.os é''"\%','1 builds.build_platform é''"\%','1 builds.package_name é''"\%','1 builds.package_version é''"\%',1099511627777,1099511627777,'1 builds.error é''"\%','1 builds.error_code é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 builds.origina','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1,1,1,1,1099511627777,1,1099511627777,1099511627777,'1 builds.git_branch é''"\%','1 builds.git_tag é''"\%','1 builds.update_identifier é''"\%');
INSERT INTO "builds" VALUES('2 builds.id é''"\%','2 organizations.id é''"\%','2 apps.id é''"\%','2 builds.status ','2 builds.version_name é''"\%','2 builds.version_code é''"\%','2 builds.changelog é''"\%','2 builds.info é''"\%',1099511627778,'2 builds.os é''"\%','2 builds.build_platform é''"\%','2 builds.package_name é''"\%','2 builds.package_version é''"\%',1099511627778,1099511627778,'2 builds.error é''"\%','2 builds.error_code é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 builds.origina','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0,2,2,2,1099511627778,2,1099511627778,1099511627778,'2 builds.git_branch é''"\%','2 builds.git_tag é''"\%','2 builds.update_identifier é''"\%');
CREATE TABLE digests (
	organization_id VARCHAR(24) NOT NULL, 
	email VARCHAR(256) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_digests PRIMARY KEY (organization_id, email, day), 
	CONSTRAINT fk_digests_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "digests" VALUES('1 organizations.id é''"\%','1 digests.email é''"\%','1 digests.',1099511627777);
INSERT INTO "digests" VALUES('2 organizations.id é''"\%','2 digests.email é''"\%','2 digests.',1099511627778);
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
	created_at BIGINT NOT NULL, device JSON DEFAULT '{}' NOT NULL, recorded_at BIGINT, 
	CONSTRAINT pk_download_tokens PRIMARY KEY (digest)
);
INSERT INTO "download_tokens" VALUES('1 download_tokens.digest é''"\%','1 download_tokens.organi','1 download_tokens.app_id','1 download_tokens.build_','1 download_tokens.file_i','1 downlo','1 download_tokens.origin é''"\%','1 download_tokens.member_type é''','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,1099511627777,1099511627777,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777);
INSERT INTO "download_tokens" VALUES('2 download_tokens.digest é''"\%','2 download_tokens.organi','2 download_tokens.app_id','2 download_tokens.build_','2 download_tokens.file_i','2 downlo','2 download_tokens.origin é''"\%','2 download_tokens.member_type é''','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,1099511627778,1099511627778,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778);
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
	created_at BIGINT NOT NULL, address VARCHAR(45) DEFAULT '' NOT NULL, user_agent VARCHAR(255) DEFAULT '' NOT NULL, device JSON DEFAULT '{}' NOT NULL, personal BOOLEAN DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_downloads PRIMARY KEY (id), 
	CONSTRAINT fk_downloads_build_id FOREIGN KEY(build_id) REFERENCES builds (id) ON DELETE CASCADE
);
INSERT INTO "downloads" VALUES('1 downloads.id é''"\%','1 downloads.organization','1 downloads.app_id é''"\%','1 builds.id é''"\%','1 downloads.file_id é''"\','1 downloads.origin é''"\%','1 downloads.member_type é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 downloads.member_email é''"\%',1099511627777,'1 downloads.address é''"\%','1 downloads.user_agent é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1);
INSERT INTO "downloads" VALUES('2 downloads.id é''"\%','2 downloads.organization','2 downloads.app_id é''"\%','2 builds.id é''"\%','2 downloads.file_id é''"\','2 downloads.origin é''"\%','2 downloads.member_type é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 downloads.member_email é''"\%',1099511627778,'2 downloads.address é''"\%','2 downloads.user_agent é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0);
CREATE TABLE employee_groups (
	employee_id VARCHAR(24) NOT NULL, 
	group_id VARCHAR(24) NOT NULL, 
	source VARCHAR(8) NOT NULL, 
	CONSTRAINT pk_employee_groups PRIMARY KEY (employee_id, group_id, source), 
	CONSTRAINT fk_employee_groups_employee_id FOREIGN KEY(employee_id) REFERENCES employees (id) ON DELETE CASCADE, 
	CONSTRAINT fk_employee_groups_group_id FOREIGN KEY(group_id) REFERENCES groups (id) ON DELETE CASCADE
);
INSERT INTO "employee_groups" VALUES('1 employees.id é''"\%','1 groups.id é''"\%','1 employ');
INSERT INTO "employee_groups" VALUES('2 employees.id é''"\%','2 groups.id é''"\%','2 employ');
CREATE TABLE employees (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	email VARCHAR(256) NOT NULL, 
	first_name VARCHAR(255) DEFAULT '' NOT NULL, 
	last_name VARCHAR(255) DEFAULT '' NOT NULL, 
	picture TEXT DEFAULT '' NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	type VARCHAR(16) NOT NULL, 
	password_hash TEXT, 
	language VARCHAR(2) DEFAULT '' NOT NULL, 
	disabled BOOLEAN DEFAULT 0 NOT NULL, 
	last_seen_at BIGINT, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_employees PRIMARY KEY (id), 
	CONSTRAINT fk_employees_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_employees_organization_id_email UNIQUE (organization_id, email)
);
INSERT INTO "employees" VALUES('1 employees.id é''"\%','1 organizations.id é''"\%','1 employees.email é''"\%','1 employees.first_name é''"\%','1 employees.last_name é''"\%','1 employees.picture é''"\%','1 employees.orig','1 employees.type','1 employees.password_hash é''"\%','1 ',1,1099511627777,1099511627777,1099511627777);
INSERT INTO "employees" VALUES('2 employees.id é''"\%','2 organizations.id é''"\%','2 employees.email é''"\%','2 employees.first_name é''"\%','2 employees.last_name é''"\%','2 employees.picture é''"\%','2 employees.orig','2 employees.type','2 employees.password_hash é''"\%','2 ',0,1099511627778,1099511627778,1099511627778);
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
CREATE TABLE expiry_reminders (
	app_id VARCHAR(24) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	identifier VARCHAR(255) NOT NULL, 
	expires_at BIGINT NOT NULL, 
	threshold INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_expiry_reminders PRIMARY KEY (app_id, kind, identifier, expires_at, threshold), 
	CONSTRAINT fk_expiry_reminders_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE
);
INSERT INTO "expiry_reminders" VALUES('1 apps.id é''"\%','1 expiry_reminde','1 expiry_reminders.identifier é''"\%',1099511627777,1,1099511627777);
INSERT INTO "expiry_reminders" VALUES('2 apps.id é''"\%','2 expiry_reminde','2 expiry_reminders.identifier é''"\%',1099511627778,2,1099511627778);
CREATE TABLE external_identities (
	organization_id VARCHAR(24) NOT NULL, 
	issuer VARCHAR(1024) NOT NULL, 
	subject VARCHAR(255) NOT NULL, 
	member_kind VARCHAR(16) NOT NULL, 
	member_id VARCHAR(24) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_external_identities PRIMARY KEY (organization_id, issuer, subject), 
	CONSTRAINT fk_external_identities_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_external_identities_member UNIQUE (organization_id, issuer, member_kind, member_id)
);
INSERT INTO "external_identities" VALUES('1 organizations.id é''"\%','1 external_identities.issuer é''"\%','1 external_identities.subject é''"\%','1 external_ident','1 external_identities.me',1099511627777);
INSERT INTO "external_identities" VALUES('2 organizations.id é''"\%','2 external_identities.issuer é''"\%','2 external_identities.subject é''"\%','2 external_ident','2 external_identities.me',1099511627778);
CREATE TABLE feedback_files (
	id VARCHAR(24) NOT NULL, 
	feedback_id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	original_name VARCHAR(255) NOT NULL, 
	mimetype VARCHAR(255) NOT NULL, 
	size BIGINT NOT NULL, 
	"key" VARCHAR(512) NOT NULL, 
	checksum VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_feedback_files PRIMARY KEY (id), 
	CONSTRAINT fk_feedback_files_feedback_id FOREIGN KEY(feedback_id) REFERENCES feedbacks (id) ON DELETE CASCADE
);
INSERT INTO "feedback_files" VALUES('1 feedback_files.id é''"\','1 feedbacks.id é''"\%','1 feedback_files.organiz','1 feedback_files.app_id ','1 feedback_files','1 feedback_files.original_name é''"\%','1 feedback_files.mimetype é''"\%',1099511627777,'1 feedback_files.key é''"\%','1 feedback_files.checksum é''"\%',1099511627777);
INSERT INTO "feedback_files" VALUES('2 feedback_files.id é''"\','2 feedbacks.id é''"\%','2 feedback_files.organiz','2 feedback_files.app_id ','2 feedback_files','2 feedback_files.original_name é''"\%','2 feedback_files.mimetype é''"\%',1099511627778,'2 feedback_files.key é''"\%','2 feedback_files.checksum é''"\%',1099511627778);
CREATE TABLE feedbacks (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	type VARCHAR(16) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	message TEXT NOT NULL, 
	author_type VARCHAR(32) NOT NULL, 
	author JSON NOT NULL, 
	author_email VARCHAR(256) DEFAULT '' NOT NULL, 
	package JSON NOT NULL, 
	device JSON NOT NULL, 
	sender JSON NOT NULL, 
	build_id VARCHAR(24) DEFAULT '' NOT NULL, 
	has_video BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_feedbacks PRIMARY KEY (id), 
	CONSTRAINT fk_feedbacks_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_feedbacks_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "feedbacks" VALUES('1 feedbacks.id é''"\%','1 organizations.id é''"\%','1 apps.id é''"\%','1 feedbacks.type','1 feedbacks.stat','1 feedbacks.message é''"\%','1 feedbacks.author_type é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 feedbacks.author_email é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 feedbacks.build_id é''"',1,1099511627777,1099511627777);
INSERT INTO "feedbacks" VALUES('2 feedbacks.id é''"\%','2 organizations.id é''"\%','2 apps.id é''"\%','2 feedbacks.type','2 feedbacks.stat','2 feedbacks.message é''"\%','2 feedbacks.author_type é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 feedbacks.author_email é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 feedbacks.build_id é''"',0,1099511627778,1099511627778);
CREATE TABLE finished_sign_ins (
	digest VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_finished_sign_ins PRIMARY KEY (digest)
);
INSERT INTO "finished_sign_ins" VALUES('1 finished_sign_ins.digest é''"\%',1099511627777);
INSERT INTO "finished_sign_ins" VALUES('2 finished_sign_ins.digest é''"\%',1099511627778);
CREATE TABLE groups (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	"key" VARCHAR(256) NOT NULL, 
	description VARCHAR(1000) DEFAULT '' NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_groups PRIMARY KEY (id), 
	CONSTRAINT fk_groups_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_groups_organization_id_key UNIQUE (organization_id, "key")
);
INSERT INTO "groups" VALUES('1 groups.id é''"\%','1 organizations.id é''"\%','1 groups.name é''"\%','1 groups.key é''"\%','1 groups.description é''"\%',1099511627777,1099511627777);
INSERT INTO "groups" VALUES('2 groups.id é''"\%','2 organizations.id é''"\%','2 groups.name é''"\%','2 groups.key é''"\%','2 groups.description é''"\%',1099511627778,1099511627778);
CREATE TABLE identity_providers (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	issuer VARCHAR(1024) NOT NULL, 
	client_id VARCHAR(1024) NOT NULL, 
	client_secret TEXT DEFAULT '' NOT NULL, 
	scopes JSON NOT NULL, 
	groups_claim VARCHAR(255) DEFAULT '' NOT NULL, 
	group_mapping JSON, 
	default_role VARCHAR(16) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	allowed_domains JSON DEFAULT '[]' NOT NULL, 
	allow_sign_up BOOLEAN DEFAULT 0 NOT NULL, 
	enabled BOOLEAN DEFAULT 1 NOT NULL, 
	only BOOLEAN DEFAULT 0 NOT NULL, 
	vouched BOOLEAN DEFAULT 0 NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_identity_providers PRIMARY KEY (id), 
	CONSTRAINT fk_identity_providers_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "identity_providers" VALUES('1 identity_providers.id ','1 organizations.id é''"\%','1 identity_providers.name é''"\%','1 identity_providers.issuer é''"\%','1 identity_providers.client_id é''"\%','1 identity_providers.client_secret é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 identity_providers.groups_claim é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 identity_provi','1 identity_provi','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1,1,1,1,1099511627777,1099511627777);
INSERT INTO "identity_providers" VALUES('2 identity_providers.id ','2 organizations.id é''"\%','2 identity_providers.name é''"\%','2 identity_providers.issuer é''"\%','2 identity_providers.client_id é''"\%','2 identity_providers.client_secret é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 identity_providers.groups_claim é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 identity_provi','2 identity_provi','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0,0,0,0,1099511627778,1099511627778);
CREATE TABLE invitations (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	email VARCHAR(256) NOT NULL, 
	first_name VARCHAR(255) DEFAULT '' NOT NULL, 
	last_name VARCHAR(255) DEFAULT '' NOT NULL, 
	role VARCHAR(16) DEFAULT '' NOT NULL, 
	app_id VARCHAR(24), 
	app_role VARCHAR(16) DEFAULT '' NOT NULL, 
	tags JSON DEFAULT '[]' NOT NULL, 
	language VARCHAR(2) DEFAULT '' NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	invited_by VARCHAR(24), 
	expires_at BIGINT NOT NULL, 
	accepted_at BIGINT, 
	revoked_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_invitations PRIMARY KEY (id), 
	CONSTRAINT fk_invitations_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_invitations_invited_by FOREIGN KEY(invited_by) REFERENCES users (id) ON DELETE SET NULL, 
	CONSTRAINT fk_invitations_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_invitations_digest UNIQUE (digest)
);
INSERT INTO "invitations" VALUES('1 invitations.id é''"\%','1 organizations.id é''"\%','1 invitations.ki','1 invitations.email é''"\%','1 invitations.first_name é''"\%','1 invitations.last_name é''"\%','1 invitations.ro','1 apps.id é''"\%','1 invitations.ap','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 ','1 invitations.digest é''"\%','1 users.id é''"\%',1099511627777,1099511627777,1099511627777,1099511627777);
INSERT INTO "invitations" VALUES('2 invitations.id é''"\%','2 organizations.id é''"\%','2 invitations.ki','2 invitations.email é''"\%','2 invitations.first_name é''"\%','2 invitations.last_name é''"\%','2 invitations.ro','2 apps.id é''"\%','2 invitations.ap','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 ','2 invitations.digest é''"\%','2 users.id é''"\%',1099511627778,1099511627778,1099511627778,1099511627778);
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
CREATE TABLE mail_batches (
	id VARCHAR(24) NOT NULL, 
	turn INTEGER DEFAULT '0' NOT NULL, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	parked BOOLEAN DEFAULT 0 NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_mail_batches PRIMARY KEY (id)
);
INSERT INTO "mail_batches" VALUES('1 mail_batches.id é''"\%',1,1,1,1099511627777);
INSERT INTO "mail_batches" VALUES('2 mail_batches.id é''"\%',2,2,0,1099511627778);
CREATE TABLE mail_preferences (
	organization_id VARCHAR(24) NOT NULL, 
	email VARCHAR(256) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	delivery VARCHAR(8) NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_mail_preferences PRIMARY KEY (organization_id, email, app_id), 
	CONSTRAINT fk_mail_preferences_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "mail_preferences" VALUES('1 organizations.id é''"\%','1 mail_preferences.email é''"\%','1 mail_preferences.app_i','1 mail_p',1099511627777);
INSERT INTO "mail_preferences" VALUES('2 organizations.id é''"\%','2 mail_preferences.email é''"\%','2 mail_preferences.app_i','2 mail_p',1099511627778);
CREATE TABLE mails (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24), 
	app_id VARCHAR(24), 
	build_id VARCHAR(24), 
	notification_id VARCHAR(24), 
	batch_id VARCHAR(24), 
	digest_id VARCHAR(24), 
	kind VARCHAR(32) NOT NULL, 
	email VARCHAR(256) NOT NULL, 
	name VARCHAR(512) DEFAULT '' NOT NULL, 
	language VARCHAR(2) DEFAULT '' NOT NULL, 
	reason VARCHAR(16) DEFAULT '' NOT NULL, 
	detail VARCHAR(1000) DEFAULT '' NOT NULL, 
	facts TEXT DEFAULT '' NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	lost INTEGER DEFAULT '0' NOT NULL, 
	first_tried_at BIGINT, 
	answer VARCHAR(1000) DEFAULT '' NOT NULL, 
	history JSON NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_mails PRIMARY KEY (id), 
	CONSTRAINT fk_mails_notification_id FOREIGN KEY(notification_id) REFERENCES build_notifications (id) ON DELETE CASCADE, 
	CONSTRAINT fk_mails_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_mails_notification_id_email UNIQUE (notification_id, email)
);
INSERT INTO "mails" VALUES('1 mails.id é''"\%','1 organizations.id é''"\%','1 mails.app_id é''"\%','1 mails.build_id é''"\%','1 build_notifications.id','1 mails.batch_id é''"\%','1 mails.digest_id é''"\%','1 mails.kind é''"\%','1 mails.email é''"\%','1 mails.name é''"\%','1 ','1 mails.reason é','1 mails.detail é''"\%','1 mails.facts é''"\%','1 mails.state é''',1,1,1099511627777,'1 mails.answer é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,1099511627777);
INSERT INTO "mails" VALUES('2 mails.id é''"\%','2 organizations.id é''"\%','2 mails.app_id é''"\%','2 mails.build_id é''"\%','2 build_notifications.id','2 mails.batch_id é''"\%','2 mails.digest_id é''"\%','2 mails.kind é''"\%','2 mails.email é''"\%','2 mails.name é''"\%','2 ','2 mails.reason é','2 mails.detail é''"\%','2 mails.facts é''"\%','2 mails.state é''',2,2,1099511627778,'2 mails.answer é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,1099511627778);
CREATE TABLE member_sessions (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	member_kind VARCHAR(16) NOT NULL, 
	member_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24), 
	origin VARCHAR(16) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	user_agent VARCHAR(255) NOT NULL, 
	expires_at BIGINT NOT NULL, 
	last_used_at BIGINT, 
	revoked_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_member_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_member_sessions_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_member_sessions_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_member_sessions_digest UNIQUE (digest)
);
INSERT INTO "member_sessions" VALUES('1 member_sessions.id é''"','1 organizations.id é''"\%','1 member_session','1 member_sessions.member','1 apps.id é''"\%','1 member_session','1 member_sessions.digest é''"\%','1 member_sessions.user_agent é''"\%',1099511627777,1099511627777,1099511627777,1099511627777);
INSERT INTO "member_sessions" VALUES('2 member_sessions.id é''"','2 organizations.id é''"\%','2 member_session','2 member_sessions.member','2 apps.id é''"\%','2 member_session','2 member_sessions.digest é''"\%','2 member_sessions.user_agent é''"\%',1099511627778,1099511627778,1099511627778,1099511627778);
CREATE TABLE memberships (
	user_id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	created_at BIGINT NOT NULL, updated_at BIGINT, 
	CONSTRAINT pk_memberships PRIMARY KEY (user_id, organization_id), 
	CONSTRAINT fk_memberships_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_memberships_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "memberships" VALUES('1 users.id é''"\%','1 organizations.id é''"\%','1 memberships.role é''"\%',1099511627777,1099511627777);
INSERT INTO "memberships" VALUES('2 users.id é''"\%','2 organizations.id é''"\%','2 memberships.role é''"\%',1099511627778,1099511627778);
CREATE TABLE organizations (
	id VARCHAR(24) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	slug VARCHAR(128) NOT NULL, 
	integrations_enabled BOOLEAN NOT NULL, 
	workspace_enabled BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, require_two_factor BOOLEAN DEFAULT 0 NOT NULL, password_sign_in BOOLEAN DEFAULT 1 NOT NULL, custom_login_enabled BOOLEAN DEFAULT 1 NOT NULL, download_log_days INTEGER, build_retention_days INTEGER, builds_retained_per_publication INTEGER, trash_days INTEGER DEFAULT '30' NOT NULL, 
	CONSTRAINT pk_organizations PRIMARY KEY (id), 
	CONSTRAINT uq_organizations_slug UNIQUE (slug)
);
INSERT INTO "organizations" VALUES('1 organizations.id é''"\%','1 organizations.name é''"\%','1 organizations.slug é''"\%',1,1,1099511627777,1099511627777,1,1,1,1,1,1,1);
INSERT INTO "organizations" VALUES('2 organizations.id é''"\%','2 organizations.name é''"\%','2 organizations.slug é''"\%',0,0,1099511627778,1099511627778,0,0,0,2,2,2,2);
CREATE TABLE password_resets (
	digest VARCHAR(64) NOT NULL, 
	member_kind VARCHAR(16) NOT NULL, 
	member_id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24), 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_password_resets PRIMARY KEY (digest), 
	CONSTRAINT fk_password_resets_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "password_resets" VALUES('1 password_resets.digest é''"\%','1 password_reset','1 password_resets.member','1 organizations.id é''"\%',1099511627777,1099511627777,1099511627777);
INSERT INTO "password_resets" VALUES('2 password_resets.digest é''"\%','2 password_reset','2 password_resets.member','2 organizations.id é''"\%',1099511627778,1099511627778,1099511627778);
CREATE TABLE publication_audiences (
	publication_id VARCHAR(24) NOT NULL, 
	audience_id VARCHAR(24) NOT NULL, 
	position INTEGER NOT NULL, 
	notify BOOLEAN NOT NULL, 
	CONSTRAINT pk_publication_audiences PRIMARY KEY (publication_id, audience_id), 
	CONSTRAINT fk_publication_audiences_audience_id FOREIGN KEY(audience_id) REFERENCES audiences (id) ON DELETE CASCADE, 
	CONSTRAINT fk_publication_audiences_publication_id FOREIGN KEY(publication_id) REFERENCES publications (id) ON DELETE CASCADE
);
INSERT INTO "publication_audiences" VALUES('1 publications.id é''"\%','1 audiences.id é''"\%',1,1);
INSERT INTO "publication_audiences" VALUES('2 publications.id é''"\%','2 audiences.id é''"\%',2,0);
CREATE TABLE publication_builds (
	publication_id VARCHAR(24) NOT NULL, 
	position INTEGER NOT NULL, 
	build_id VARCHAR(24) NOT NULL, 
	platform VARCHAR(32) NOT NULL, 
	is_listed BOOLEAN NOT NULL, 
	CONSTRAINT pk_publication_builds PRIMARY KEY (publication_id, position), 
	CONSTRAINT fk_publication_builds_publication_id FOREIGN KEY(publication_id) REFERENCES publications (id) ON DELETE CASCADE
);
INSERT INTO "publication_builds" VALUES('1 publications.id é''"\%',1,'1 publication_builds.bui','1 publication_builds.platform é''',1);
INSERT INTO "publication_builds" VALUES('2 publications.id é''"\%',2,'2 publication_builds.bui','2 publication_builds.platform é''',0);
CREATE TABLE publications (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	slug VARCHAR(128) NOT NULL, 
	security VARCHAR(16) NOT NULL, 
	password_hash TEXT, 
	visibility VARCHAR(16) NOT NULL, 
	filter_type VARCHAR(16) NOT NULL, 
	filter_value VARCHAR(255) DEFAULT '' NOT NULL, 
	systems JSON DEFAULT '[]' NOT NULL, 
	tags JSON DEFAULT '[]' NOT NULL, 
	groups JSON DEFAULT '[]' NOT NULL, 
	activate_audiences BOOLEAN DEFAULT 0 NOT NULL, 
	show_history BOOLEAN DEFAULT 0 NOT NULL, 
	show_dev_info BOOLEAN DEFAULT 0 NOT NULL, 
	hide_attachments BOOLEAN DEFAULT 0 NOT NULL, 
	terms_active BOOLEAN DEFAULT 0 NOT NULL, 
	terms_text TEXT DEFAULT '' NOT NULL, 
	allowed_countries JSON DEFAULT '[]' NOT NULL, 
	blocked_countries JSON DEFAULT '[]' NOT NULL, 
	expires_at BIGINT, 
	looks JSON DEFAULT '{}' NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_publications PRIMARY KEY (id), 
	CONSTRAINT fk_publications_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_publications_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE, 
	CONSTRAINT uq_publications_slug UNIQUE (slug)
);
INSERT INTO "publications" VALUES('1 publications.id é''"\%','1 organizations.id é''"\%','1 apps.id é''"\%','1 publications.slug é''"\%','1 publications.s','1 publications.password_hash é''"\%','1 publications.v','1 publications.f','1 publications.filter_value é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1,1,1,1,1,'1 publications.terms_text é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,1099511627777);
INSERT INTO "publications" VALUES('2 publications.id é''"\%','2 organizations.id é''"\%','2 apps.id é''"\%','2 publications.slug é''"\%','2 publications.s','2 publications.password_hash é''"\%','2 publications.v','2 publications.f','2 publications.filter_value é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0,0,0,0,0,'2 publications.terms_text é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,1099511627778);
CREATE TABLE recovery_codes (
	user_id VARCHAR(24) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, digest), 
	CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "recovery_codes" VALUES('1 users.id é''"\%','1 recovery_codes.digest é''"\%',1099511627777);
INSERT INTO "recovery_codes" VALUES('2 users.id é''"\%','2 recovery_codes.digest é''"\%',1099511627778);
CREATE TABLE retention_runs (
	app_id VARCHAR(24) NOT NULL, 
	night BIGINT, 
	started_at BIGINT NOT NULL, 
	finished_at BIGINT NOT NULL, 
	builds INTEGER NOT NULL, 
	bytes BIGINT NOT NULL, 
	CONSTRAINT pk_retention_runs PRIMARY KEY (app_id), 
	CONSTRAINT fk_retention_runs_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE
);
INSERT INTO "retention_runs" VALUES('1 apps.id é''"\%',1099511627777,1099511627777,1099511627777,1,1099511627777);
INSERT INTO "retention_runs" VALUES('2 apps.id é''"\%',1099511627778,1099511627778,1099511627778,2,1099511627778);
CREATE TABLE schedules (
	name VARCHAR(64) NOT NULL, 
	period_start BIGINT NOT NULL, 
	executor_id VARCHAR(64) NOT NULL, 
	claimed_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	CONSTRAINT pk_schedules PRIMARY KEY (name)
);
INSERT INTO "schedules" VALUES('retention',1795927843507,'',1795927843507,1795927843507);
INSERT INTO "schedules" VALUES('1 schedules.name é''"\%',1099511627777,'1 schedules.executor_id é''"\%',1099511627777,1099511627777);
INSERT INTO "schedules" VALUES('2 schedules.name é''"\%',1099511627778,'2 schedules.executor_id é''"\%',1099511627778,1099511627778);
CREATE TABLE schema_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT schema_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "schema_version" VALUES('0011');
CREATE TABLE sdk_sightings (
	app_id VARCHAR(24) NOT NULL, 
	os VARCHAR(16) NOT NULL, 
	sdk_version VARCHAR(64) NOT NULL, 
	capabilities JSON NOT NULL, 
	package_known BOOLEAN NOT NULL, 
	seen_at BIGINT NOT NULL, 
	CONSTRAINT pk_sdk_sightings PRIMARY KEY (app_id, os), 
	CONSTRAINT fk_sdk_sightings_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE
);
INSERT INTO "sdk_sightings" VALUES('1 apps.id é''"\%','1 sdk_sightings.','1 sdk_sightings.sdk_version é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1,1099511627777);
INSERT INTO "sdk_sightings" VALUES('2 apps.id é''"\%','2 sdk_sightings.','2 sdk_sightings.sdk_version é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0,1099511627778);
CREATE TABLE second_factors (
	user_id VARCHAR(24) NOT NULL, 
	secret TEXT NOT NULL, 
	last_step BIGINT, 
	confirmed_at BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_second_factors PRIMARY KEY (user_id), 
	CONSTRAINT fk_second_factors_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "second_factors" VALUES('1 users.id é''"\%','1 second_factors.secret é''"\%',1099511627777,1099511627777,1099511627777);
INSERT INTO "second_factors" VALUES('2 users.id é''"\%','2 second_factors.secret é''"\%',1099511627778,1099511627778,1099511627778);
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
	created_at BIGINT NOT NULL, method VARCHAR(16) DEFAULT 'password' NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_sessions_access_digest UNIQUE (access_digest), 
	CONSTRAINT uq_sessions_refresh_digest UNIQUE (refresh_digest)
);
INSERT INTO "sessions" VALUES('1 sessions.id é''"\%','1 users.id é''"\%','1 sessions.access_digest é''"\%',1099511627777,'1 sessions.refresh_digest é''"\%',1099511627777,'1 sessions.user_agent é''"\%',1099511627777,1099511627777,1099511627777,'1 sessions.metho');
INSERT INTO "sessions" VALUES('2 sessions.id é''"\%','2 users.id é''"\%','2 sessions.access_digest é''"\%',1099511627778,'2 sessions.refresh_digest é''"\%',1099511627778,'2 sessions.user_agent é''"\%',1099511627778,1099511627778,1099511627778,'2 sessions.metho');
CREATE TABLE signing_keys (
	app_id VARCHAR(24) NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	subject TEXT NOT NULL, 
	sha1 VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	not_after BIGINT NOT NULL, 
	alias VARCHAR(255) NOT NULL, 
	keystore TEXT NOT NULL, 
	password TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_signing_keys PRIMARY KEY (app_id), 
	CONSTRAINT fk_signing_keys_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE
);
INSERT INTO "signing_keys" VALUES('1 apps.id é''"\%','1 signing_keys.o','1 signing_keys.subject é''"\%','1 signing_keys.sha1 é''"\%','1 signing_keys.sha256 é''"\%',1099511627777,'1 signing_keys.alias é''"\%','1 signing_keys.keystore é''"\%','1 signing_keys.password é''"\%',1099511627777);
INSERT INTO "signing_keys" VALUES('2 apps.id é''"\%','2 signing_keys.o','2 signing_keys.subject é''"\%','2 signing_keys.sha1 é''"\%','2 signing_keys.sha256 é''"\%',1099511627778,'2 signing_keys.alias é''"\%','2 signing_keys.keystore é''"\%','2 signing_keys.password é''"\%',1099511627778);
CREATE TABLE spent_refresh_tokens (
	digest VARCHAR(64) NOT NULL, 
	session_id VARCHAR(24) NOT NULL, 
	spent_at BIGINT NOT NULL, 
	CONSTRAINT pk_spent_refresh_tokens PRIMARY KEY (digest), 
	CONSTRAINT fk_spent_refresh_tokens_session_id FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
INSERT INTO "spent_refresh_tokens" VALUES('1 spent_refresh_tokens.digest é''"\%','1 sessions.id é''"\%',1099511627777);
INSERT INTO "spent_refresh_tokens" VALUES('2 spent_refresh_tokens.digest é''"\%','2 sessions.id é''"\%',1099511627778);
CREATE TABLE trash (
	build_id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24) NOT NULL, 
	version_name VARCHAR(255) NOT NULL, 
	version_code VARCHAR(255) NOT NULL, 
	os VARCHAR(32) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	bytes BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	reason VARCHAR(16) NOT NULL, 
	sentence TEXT DEFAULT '' NOT NULL, 
	trashed_by JSON NOT NULL, 
	trashed_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_trash PRIMARY KEY (build_id), 
	CONSTRAINT fk_trash_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_trash_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "trash" VALUES('1 trash.build_id é''"\%','1 organizations.id é''"\%','1 apps.id é''"\%','1 trash.version_name é''"\%','1 trash.version_code é''"\%','1 trash.os é''"\%','1 trash.status é',1099511627777,1099511627777,'1 trash.reason é','1 trash.sentence é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,1099511627777);
INSERT INTO "trash" VALUES('2 trash.build_id é''"\%','2 organizations.id é''"\%','2 apps.id é''"\%','2 trash.version_name é''"\%','2 trash.version_code é''"\%','2 trash.os é''"\%','2 trash.status é',1099511627778,1099511627778,'2 trash.reason é','2 trash.sentence é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,1099511627778);
CREATE TABLE trash_keys (
	build_id VARCHAR(24) NOT NULL, 
	"key" VARCHAR(512) NOT NULL, 
	CONSTRAINT pk_trash_keys PRIMARY KEY (build_id, "key"), 
	CONSTRAINT fk_trash_keys_build_id FOREIGN KEY(build_id) REFERENCES trash (build_id) ON DELETE CASCADE
);
INSERT INTO "trash_keys" VALUES('1 trash.build_id é''"\%','1 trash_keys.key é''"\%');
INSERT INTO "trash_keys" VALUES('2 trash.build_id é''"\%','2 trash_keys.key é''"\%');
CREATE TABLE trash_rows (
	build_id VARCHAR(24) NOT NULL, 
	position INTEGER NOT NULL, 
	table_name VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	CONSTRAINT pk_trash_rows PRIMARY KEY (build_id, position), 
	CONSTRAINT fk_trash_rows_build_id FOREIGN KEY(build_id) REFERENCES trash (build_id) ON DELETE CASCADE
);
INSERT INTO "trash_rows" VALUES('1 trash.build_id é''"\%',1,'1 trash_rows.table_name é''"\%','1 trash_rows.content é''"\%');
INSERT INTO "trash_rows" VALUES('2 trash.build_id é''"\%',2,'2 trash_rows.table_name é''"\%','2 trash_rows.content é''"\%');
CREATE TABLE user_groups (
	user_id VARCHAR(24) NOT NULL, 
	group_id VARCHAR(24) NOT NULL, 
	source VARCHAR(8) NOT NULL, 
	CONSTRAINT pk_user_groups PRIMARY KEY (user_id, group_id, source), 
	CONSTRAINT fk_user_groups_group_id FOREIGN KEY(group_id) REFERENCES groups (id) ON DELETE CASCADE, 
	CONSTRAINT fk_user_groups_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO "user_groups" VALUES('1 users.id é''"\%','1 groups.id é''"\%','1 user_g');
INSERT INTO "user_groups" VALUES('2 users.id é''"\%','2 groups.id é''"\%','2 user_g');
CREATE TABLE users (
	id VARCHAR(24) NOT NULL, 
	email VARCHAR(256) NOT NULL, 
	first_name VARCHAR(255) NOT NULL, 
	last_name VARCHAR(255) NOT NULL, 
	picture TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, language VARCHAR(2) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	CONSTRAINT uq_users_email UNIQUE (email)
);
INSERT INTO "users" VALUES('1 users.id é''"\%','1 users.email é''"\%','1 users.first_name é''"\%','1 users.last_name é''"\%','1 users.picture é''"\%','1 users.password_hash é''"\%',1099511627777,1099511627777,'1 ');
INSERT INTO "users" VALUES('2 users.id é''"\%','2 users.email é''"\%','2 users.first_name é''"\%','2 users.last_name é''"\%','2 users.picture é''"\%','2 users.password_hash é''"\%',1099511627778,1099511627778,'2 ');
CREATE TABLE webhook_attempts (
	id VARCHAR(24) NOT NULL, 
	delivery_id VARCHAR(24) NOT NULL, 
	number INTEGER NOT NULL, 
	url VARCHAR(2048) NOT NULL, 
	request_headers JSON NOT NULL, 
	address VARCHAR(64) DEFAULT '' NOT NULL, 
	response_status INTEGER, 
	response_headers JSON DEFAULT '[]' NOT NULL, 
	response_body TEXT DEFAULT '' NOT NULL, 
	is_cut BOOLEAN DEFAULT 0 NOT NULL, 
	duration_ms INTEGER, 
	error TEXT DEFAULT '' NOT NULL, 
	started_at BIGINT NOT NULL, 
	CONSTRAINT pk_webhook_attempts PRIMARY KEY (id), 
	CONSTRAINT fk_webhook_attempts_delivery_id FOREIGN KEY(delivery_id) REFERENCES webhook_deliveries (id) ON DELETE CASCADE, 
	CONSTRAINT uq_webhook_attempts_delivery_id_number UNIQUE (delivery_id, number)
);
INSERT INTO "webhook_attempts" VALUES('1 webhook_attempts.id é''','1 webhook_deliveries.id ',1,'1 webhook_attempts.url é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 webhook_attempts.address é''"\%',1,'{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}','1 webhook_attempts.response_body é''"\%',1,1,'1 webhook_attempts.error é''"\%',1099511627777);
INSERT INTO "webhook_attempts" VALUES('2 webhook_attempts.id é''','2 webhook_deliveries.id ',2,'2 webhook_attempts.url é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 webhook_attempts.address é''"\%',2,'{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}','2 webhook_attempts.response_body é''"\%',0,2,'2 webhook_attempts.error é''"\%',1099511627778);
CREATE TABLE webhook_deliveries (
	id VARCHAR(24) NOT NULL, 
	webhook_id VARCHAR(24) NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	payload TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	turn INTEGER DEFAULT '0' NOT NULL, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	response_status INTEGER, 
	error TEXT DEFAULT '' NOT NULL, 
	next_attempt_at BIGINT, 
	created_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_webhook_deliveries_webhook_id FOREIGN KEY(webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE
);
INSERT INTO "webhook_deliveries" VALUES('1 webhook_deliveries.id ','1 webhooks.id é''"\%','1 webhook_deliveries.kind é''"\%','1 webhook_deliveries.payload é''"\%','1 webhook_delive',1,1,1,1,'1 webhook_deliveries.error é''"\%',1099511627777,1099511627777,1099511627777);
INSERT INTO "webhook_deliveries" VALUES('2 webhook_deliveries.id ','2 webhooks.id é''"\%','2 webhook_deliveries.kind é''"\%','2 webhook_deliveries.payload é''"\%','2 webhook_delive',2,2,2,2,'2 webhook_deliveries.error é''"\%',1099511627778,1099511627778,1099511627778);
CREATE TABLE webhooks (
	id VARCHAR(24) NOT NULL, 
	organization_id VARCHAR(24) NOT NULL, 
	app_id VARCHAR(24), 
	url VARCHAR(2048) NOT NULL, 
	description VARCHAR(1000) DEFAULT '' NOT NULL, 
	events JSON NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	secret TEXT NOT NULL, 
	previous_secret TEXT, 
	previous_until BIGINT, 
	headers TEXT DEFAULT '' NOT NULL, 
	header_names JSON DEFAULT '[]' NOT NULL, 
	failing_since BIGINT, 
	disabled_reason VARCHAR(255) DEFAULT '' NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id), 
	CONSTRAINT fk_webhooks_app_id FOREIGN KEY(app_id) REFERENCES apps (id) ON DELETE CASCADE, 
	CONSTRAINT fk_webhooks_organization_id FOREIGN KEY(organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
INSERT INTO "webhooks" VALUES('1 webhooks.id é''"\%','1 organizations.id é''"\%','1 apps.id é''"\%','1 webhooks.url é''"\%','1 webhooks.description é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1,'1 webhooks.secret é''"\%','1 webhooks.previous_secret é''"\%',1099511627777,'1 webhooks.headers é''"\%','{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627777,'1 webhooks.disabled_reason é''"\%',1099511627777,1099511627777);
INSERT INTO "webhooks" VALUES('2 webhooks.id é''"\%','2 organizations.id é''"\%','2 apps.id é''"\%','2 webhooks.url é''"\%','2 webhooks.description é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',0,'2 webhooks.secret é''"\%','2 webhooks.previous_secret é''"\%',1099511627778,'2 webhooks.headers é''"\%','{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}',1099511627778,'2 webhooks.disabled_reason é''"\%',1099511627778,1099511627778);
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
CREATE INDEX ix_employees_created ON employees (organization_id, created_at, id);
CREATE INDEX ix_app_collaborators_organization_id ON app_collaborators (organization_id);
CREATE INDEX ix_app_collaborators_user_id ON app_collaborators (user_id);
CREATE INDEX ix_audience_employees_employee_id ON audience_employees (employee_id);
CREATE INDEX ix_employee_groups_group ON employee_groups (group_id, employee_id);
CREATE INDEX ix_invitations_created ON invitations (organization_id, created_at, id);
CREATE INDEX ix_invitations_email ON invitations (organization_id, email);
CREATE INDEX ix_user_groups_group ON user_groups (group_id, user_id);
CREATE INDEX ix_member_sessions_app_id ON member_sessions (app_id);
CREATE INDEX ix_member_sessions_expires_at ON member_sessions (expires_at);
CREATE INDEX ix_member_sessions_member ON member_sessions (member_kind, member_id);
CREATE INDEX ix_member_sessions_organization_id ON member_sessions (organization_id);
CREATE INDEX ix_finished_sign_ins_at ON finished_sign_ins (at);
CREATE INDEX ix_identity_providers_created ON identity_providers (organization_id, created_at, id);
CREATE INDEX ix_password_resets_expires_at ON password_resets (expires_at);
CREATE INDEX ix_password_resets_member ON password_resets (member_kind, member_id);
CREATE INDEX ix_password_resets_organization_id ON password_resets (organization_id);
CREATE INDEX ix_publications_created ON publications (organization_id, created_at, id);
CREATE INDEX ix_publications_filter ON publications (app_id, filter_type, filter_value, created_at);
CREATE INDEX ix_publication_audiences_audience_id ON publication_audiences (audience_id);
CREATE INDEX ix_publication_builds_build_id ON publication_builds (build_id);
CREATE INDEX ix_build_lanes_newest ON build_lanes (app_id, kind, value, os, created_at, build_id);
CREATE INDEX ix_mail_batches_parked ON mail_batches (parked);
CREATE INDEX ix_digests_day ON digests (day);
CREATE INDEX ix_mail_preferences_email ON mail_preferences (email);
CREATE INDEX ix_build_notifications_created ON build_notifications (app_id, created_at, id);
CREATE INDEX ix_build_notifications_organization_id ON build_notifications (organization_id);
CREATE INDEX ix_mails_age ON mails (created_at);
CREATE INDEX ix_mails_batch ON mails (batch_id, state);
CREATE INDEX ix_mails_created ON mails (organization_id, created_at, id);
CREATE INDEX ix_mails_digest ON mails (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX ix_mails_email ON mails (organization_id, email, created_at, id);
CREATE INDEX ix_mails_notification ON mails (notification_id, state);
CREATE INDEX ix_mails_state ON mails (organization_id, state, created_at, id);
CREATE INDEX ix_mails_waiting ON mails (organization_id, email) WHERE state = 'digest' AND digest_id IS NULL;
CREATE UNIQUE INDEX uq_mails_build ON mails (build_id, email) WHERE state != 'skipped';
CREATE INDEX ix_builds_updates ON builds (app_id, os, created_at, id) WHERE NOT disabled AND update_identifier <> '';
CREATE INDEX ix_builds_updates_of ON builds (app_id, os, update_identifier, created_at, id) WHERE NOT disabled AND update_identifier <> '';
CREATE INDEX ix_feedbacks_created ON feedbacks (app_id, created_at, id);
CREATE INDEX ix_feedbacks_email ON feedbacks (organization_id, author_email, created_at);
CREATE INDEX ix_feedbacks_status ON feedbacks (app_id, status, created_at, id);
CREATE INDEX ix_feedbacks_type ON feedbacks (app_id, type, created_at, id);
CREATE INDEX ix_feedbacks_updated ON feedbacks (app_id, updated_at, id);
CREATE INDEX ix_feedback_files_feedback_id ON feedback_files (feedback_id);
CREATE INDEX ix_feedback_files_key ON feedback_files ("key");
CREATE INDEX ix_downloads_app ON downloads (app_id, created_at, id);
CREATE INDEX ix_downloads_email ON downloads (organization_id, member_email, created_at);
CREATE INDEX ix_downloads_personal ON downloads (organization_id, created_at) WHERE personal;
CREATE INDEX ix_webhooks_app_id ON webhooks (app_id);
CREATE INDEX ix_webhooks_listening ON webhooks (organization_id, app_id, enabled);
CREATE INDEX ix_webhook_deliveries_created ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX ix_webhook_deliveries_due ON webhook_deliveries (status, next_attempt_at);
CREATE INDEX ix_webhook_deliveries_old ON webhook_deliveries (created_at);
CREATE INDEX ix_webhook_deliveries_status ON webhook_deliveries (webhook_id, status, created_at, id);
CREATE INDEX ix_trash_expires_at ON trash (expires_at);
CREATE INDEX ix_trash_trashed ON trash (app_id, trashed_at, build_id);
CREATE INDEX ix_trash_keys_key ON trash_keys ("key");
COMMIT;
