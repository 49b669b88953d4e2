SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.app_files (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    original_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    mimetype character varying(255) NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    key character varying(512) NOT NULL COLLATE pg_catalog."C",
    checksum character varying(64) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.app_tokens (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    description character varying(1000) NOT NULL COLLATE pg_catalog."C",
    scopes json NOT NULL,
    created_by character varying(24) COLLATE pg_catalog."C",
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint,
    created_at bigint NOT NULL
);
CREATE TABLE public.apps (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    name character varying(255) NOT NULL COLLATE pg_catalog."C",
    slug character varying(128) NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    picture text NOT NULL COLLATE pg_catalog."C",
    notify_collaborators boolean NOT NULL,
    notify_employees boolean NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    notify_otp_users boolean DEFAULT false NOT NULL,
    notify_feedback boolean DEFAULT false NOT NULL,
    new_build_message text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    notification_language character varying(2) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    build_retention_days integer,
    builds_retained_per_publication integer,
    metadata json DEFAULT '{}'::json NOT NULL,
    default_scripts json DEFAULT '{}'::json NOT NULL,
    picture_source character varying(24) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    downloads bigint DEFAULT '0'::bigint NOT NULL,
    last_build_processed_at bigint
);
CREATE TABLE public.audit_log (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) COLLATE pg_catalog."C",
    principal_kind character varying(32) NOT NULL COLLATE pg_catalog."C",
    principal_id character varying(64) NOT NULL COLLATE pg_catalog."C",
    action character varying(64) NOT NULL COLLATE pg_catalog."C",
    target_id character varying(64) NOT NULL COLLATE pg_catalog."C",
    detail json NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.build_counts (
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    status character varying(16) NOT NULL COLLATE pg_catalog."C",
    os character varying(32) NOT NULL COLLATE pg_catalog."C",
    builds bigint NOT NULL
);
CREATE TABLE public.build_files (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    type character varying(16) NOT NULL COLLATE pg_catalog."C",
    description character varying(1000) NOT NULL COLLATE pg_catalog."C",
    original_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    mimetype character varying(255) NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    bucket character varying(255) NOT NULL COLLATE pg_catalog."C",
    key character varying(512) NOT NULL COLLATE pg_catalog."C",
    region character varying(64) NOT NULL COLLATE pg_catalog."C",
    storage_provider_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    checksum character varying(64) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.build_tags (
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    tag character varying(128) NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.build_version_counts (
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    version_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    status character varying(16) NOT NULL COLLATE pg_catalog."C",
    os character varying(32) NOT NULL COLLATE pg_catalog."C",
    builds bigint NOT NULL
);
CREATE TABLE public.builds (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    status character varying(16) NOT NULL COLLATE pg_catalog."C",
    version_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    version_code character varying(255) NOT NULL COLLATE pg_catalog."C",
    changelog text NOT NULL COLLATE pg_catalog."C",
    info text COLLATE pg_catalog."C",
    size bigint NOT NULL,
    os character varying(32) NOT NULL COLLATE pg_catalog."C",
    build_platform character varying(32) NOT NULL COLLATE pg_catalog."C",
    package_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    package_version character varying(255) NOT NULL COLLATE pg_catalog."C",
    queued_ms bigint NOT NULL,
    process_ms bigint NOT NULL,
    error text NOT NULL COLLATE pg_catalog."C",
    error_code character varying(64) NOT NULL COLLATE pg_catalog."C",
    warnings json NOT NULL,
    deployer json NOT NULL,
    notification json NOT NULL,
    uploaded_by json NOT NULL,
    original_extension character varying(16) NOT NULL COLLATE pg_catalog."C",
    storage_provider json NOT NULL,
    metadata json NOT NULL,
    default_scripts json NOT NULL,
    disabled boolean NOT NULL,
    attempt integer NOT NULL,
    claims integer NOT NULL,
    parser_deaths integer NOT NULL,
    claimed_at bigint,
    revision integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.download_tokens (
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    file_id character varying(24) COLLATE pg_catalog."C",
    type character varying(8) NOT NULL COLLATE pg_catalog."C",
    origin character varying(32) NOT NULL COLLATE pg_catalog."C",
    member_type character varying(32) NOT NULL COLLATE pg_catalog."C",
    member json NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    created_at bigint NOT NULL
);
CREATE TABLE public.downloads (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    file_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    origin character varying(32) NOT NULL COLLATE pg_catalog."C",
    member_type character varying(32) NOT NULL COLLATE pg_catalog."C",
    member json NOT NULL,
    member_email character varying(256) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.executors (
    id character varying(64) NOT NULL COLLATE pg_catalog."C",
    host character varying(255) NOT NULL COLLATE pg_catalog."C",
    role character varying(16) NOT NULL COLLATE pg_catalog."C",
    started_at bigint NOT NULL,
    beat_at bigint NOT NULL
);
CREATE TABLE public.login_attempts (
    key character varying(64) NOT NULL COLLATE pg_catalog."C",
    attempts integer NOT NULL,
    began_at bigint NOT NULL
);
CREATE TABLE public.loose_blobs (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    executor_id character varying(64) NOT NULL COLLATE pg_catalog."C",
    keys json NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.memberships (
    user_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    role character varying(32) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    tags json DEFAULT '[]'::json NOT NULL,
    updated_at bigint
);
CREATE TABLE public.organizations (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    name character varying(255) NOT NULL COLLATE pg_catalog."C",
    slug character varying(128) NOT NULL COLLATE pg_catalog."C",
    integrations_enabled boolean NOT NULL,
    workspace_enabled boolean NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.schema_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.service_accounts (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    name character varying(255) NOT NULL COLLATE pg_catalog."C",
    role character varying(32) NOT NULL COLLATE pg_catalog."C",
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint,
    created_at bigint NOT NULL,
    previous_digest character varying(64) COLLATE pg_catalog."C",
    previous_expires_at bigint
);
CREATE TABLE public.sessions (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    user_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    access_digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    access_expires_at bigint NOT NULL,
    refresh_digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    refresh_expires_at bigint NOT NULL,
    user_agent character varying(255) NOT NULL COLLATE pg_catalog."C",
    last_used_at bigint,
    revoked_at bigint,
    created_at bigint NOT NULL
);
CREATE TABLE public.spent_refresh_tokens (
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    session_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    spent_at bigint NOT NULL
);
CREATE TABLE public.users (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    email character varying(256) NOT NULL COLLATE pg_catalog."C",
    first_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    last_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    picture text NOT NULL COLLATE pg_catalog."C",
    password_hash text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
INSERT INTO public.app_files VALUES ('1 app_files.id é''"\%', '1 apps.id é''"\%', '1 app_files.organization', '1 app_files.original_name é''"\%', '1 app_files.mimetype é''"\%', 1099511627777, '1 app_files.key é''"\%', '1 app_files.checksum é''"\%', 1099511627777);
INSERT INTO public.app_files VALUES ('2 app_files.id é''"\%', '2 apps.id é''"\%', '2 app_files.organization', '2 app_files.original_name é''"\%', '2 app_files.mimetype é''"\%', 1099511627778, '2 app_files.key é''"\%', '2 app_files.checksum é''"\%', 1099511627778);
INSERT INTO public.app_tokens VALUES ('1 app_tokens.id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 app_tokens.digest é''"\%', '1 app_tokens.description é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 users.id é''"\%', 1099511627777, 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.app_tokens VALUES ('2 app_tokens.id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 app_tokens.digest é''"\%', '2 app_tokens.description é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 users.id é''"\%', 1099511627778, 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.apps VALUES ('1 apps.id é''"\%', '1 organizations.id é''"\%', '1 apps.name é''"\%', '1 apps.slug é''"\%', '1 apps.description é''"\%', '1 apps.picture é''"\%', true, true, 1099511627777, 1099511627777, true, true, '1 apps.new_build_message é''"\%', '1 ', 1, 1, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 apps.picture_source é''', 1099511627777, 1099511627777);
INSERT INTO public.apps VALUES ('2 apps.id é''"\%', '2 organizations.id é''"\%', '2 apps.name é''"\%', '2 apps.slug é''"\%', '2 apps.description é''"\%', '2 apps.picture é''"\%', false, false, 1099511627778, 1099511627778, false, false, '2 apps.new_build_message é''"\%', '2 ', 2, 2, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 apps.picture_source é''', 1099511627778, 1099511627778);
INSERT INTO public.audit_log VALUES ('1 audit_log.id é''"\%', '1 audit_log.organization', '1 audit_log.app_id é''"\%', '1 audit_log.principal_kind é''"\%', '1 audit_log.principal_id é''"\%', '1 audit_log.action é''"\%', '1 audit_log.target_id é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.audit_log VALUES ('2 audit_log.id é''"\%', '2 audit_log.organization', '2 audit_log.app_id é''"\%', '2 audit_log.principal_kind é''"\%', '2 audit_log.principal_id é''"\%', '2 audit_log.action é''"\%', '2 audit_log.target_id é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.build_counts VALUES ('1 apps.id é''"\%', '1 build_counts.s', '1 build_counts.os é''"\%', 1099511627777);
INSERT INTO public.build_counts VALUES ('2 apps.id é''"\%', '2 build_counts.s', '2 build_counts.os é''"\%', 1099511627778);
INSERT INTO public.build_files VALUES ('1 build_files.id é''"\%', '1 builds.id é''"\%', 1, '1 build_files.ty', '1 build_files.description é''"\%', '1 build_files.original_name é''"\%', '1 build_files.mimetype é''"\%', 1099511627777, '1 build_files.bucket é''"\%', '1 build_files.key é''"\%', '1 build_files.region é''"\%', '1 build_files.storage_pr', '1 build_files.checksum é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.build_files VALUES ('2 build_files.id é''"\%', '2 builds.id é''"\%', 2, '2 build_files.ty', '2 build_files.description é''"\%', '2 build_files.original_name é''"\%', '2 build_files.mimetype é''"\%', 1099511627778, '2 build_files.bucket é''"\%', '2 build_files.key é''"\%', '2 build_files.region é''"\%', '2 build_files.storage_pr', '2 build_files.checksum é''"\%', 1099511627778, 1099511627778);
INSERT INTO public.build_tags VALUES ('1 builds.id é''"\%', '1 build_tags.tag é''"\%', 1, '1 build_tags.app_id é''"\');
INSERT INTO public.build_tags VALUES ('2 builds.id é''"\%', '2 build_tags.tag é''"\%', 2, '2 build_tags.app_id é''"\');
INSERT INTO public.build_version_counts VALUES ('1 apps.id é''"\%', '1 build_version_counts.version_name é''"\%', '1 build_version_', '1 build_version_counts.os é''"\%', 1099511627777);
INSERT INTO public.build_version_counts VALUES ('2 apps.id é''"\%', '2 build_version_counts.version_name é''"\%', '2 build_version_', '2 build_version_counts.os é''"\%', 1099511627778);
INSERT INTO public.builds VALUES ('1 builds.id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 builds.status ', '1 builds.version_name é''"\%', '1 builds.version_code é''"\%', '1 builds.changelog é''"\%', '1 builds.info é''"\%', 1099511627777, '1 builds.os é''"\%', '1 builds.build_platform é''"\%', '1 builds.package_name é''"\%', '1 builds.package_version é''"\%', 1099511627777, 1099511627777, '1 builds.error é''"\%', '1 builds.error_code é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 builds.origina', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true, 1, 1, 1, 1099511627777, 1, 1099511627777, 1099511627777);
INSERT INTO public.builds VALUES ('2 builds.id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 builds.status ', '2 builds.version_name é''"\%', '2 builds.version_code é''"\%', '2 builds.changelog é''"\%', '2 builds.info é''"\%', 1099511627778, '2 builds.os é''"\%', '2 builds.build_platform é''"\%', '2 builds.package_name é''"\%', '2 builds.package_version é''"\%', 1099511627778, 1099511627778, '2 builds.error é''"\%', '2 builds.error_code é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 builds.origina', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false, 2, 2, 2, 1099511627778, 2, 1099511627778, 1099511627778);
INSERT INTO public.download_tokens VALUES ('1 download_tokens.digest é''"\%', '1 download_tokens.organi', '1 download_tokens.app_id', '1 download_tokens.build_', '1 download_tokens.file_i', '1 downlo', '1 download_tokens.origin é''"\%', '1 download_tokens.member_type é''', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.download_tokens VALUES ('2 download_tokens.digest é''"\%', '2 download_tokens.organi', '2 download_tokens.app_id', '2 download_tokens.build_', '2 download_tokens.file_i', '2 downlo', '2 download_tokens.origin é''"\%', '2 download_tokens.member_type é''', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.downloads VALUES ('1 downloads.id é''"\%', '1 downloads.organization', '1 downloads.app_id é''"\%', '1 builds.id é''"\%', '1 downloads.file_id é''"\', '1 downloads.origin é''"\%', '1 downloads.member_type é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 downloads.member_email é''"\%', 1099511627777);
INSERT INTO public.downloads VALUES ('2 downloads.id é''"\%', '2 downloads.organization', '2 downloads.app_id é''"\%', '2 builds.id é''"\%', '2 downloads.file_id é''"\', '2 downloads.origin é''"\%', '2 downloads.member_type é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 downloads.member_email é''"\%', 1099511627778);
INSERT INTO public.executors VALUES ('1 executors.id é''"\%', '1 executors.host é''"\%', '1 executors.role', 1099511627777, 1099511627777);
INSERT INTO public.executors VALUES ('2 executors.id é''"\%', '2 executors.host é''"\%', '2 executors.role', 1099511627778, 1099511627778);
INSERT INTO public.login_attempts VALUES ('1 login_attempts.key é''"\%', 1, 1099511627777);
INSERT INTO public.login_attempts VALUES ('2 login_attempts.key é''"\%', 2, 1099511627778);
INSERT INTO public.loose_blobs VALUES ('1 loose_blobs.id é''"\%', '1 loose_blobs.executor_id é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.loose_blobs VALUES ('2 loose_blobs.id é''"\%', '2 loose_blobs.executor_id é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.memberships VALUES ('1 users.id é''"\%', '1 organizations.id é''"\%', '1 memberships.role é''"\%', 1099511627777, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.memberships VALUES ('2 users.id é''"\%', '2 organizations.id é''"\%', '2 memberships.role é''"\%', 1099511627778, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.organizations VALUES ('1 organizations.id é''"\%', '1 organizations.name é''"\%', '1 organizations.slug é''"\%', true, true, 1099511627777, 1099511627777);
INSERT INTO public.organizations VALUES ('2 organizations.id é''"\%', '2 organizations.name é''"\%', '2 organizations.slug é''"\%', false, false, 1099511627778, 1099511627778);
INSERT INTO public.schema_version VALUES ('0002');
INSERT INTO public.service_accounts VALUES ('1 service_accounts.id é''', '1 organizations.id é''"\%', '1 service_accounts.name é''"\%', '1 service_accounts.role é''"\%', '1 service_accounts.digest é''"\%', 1099511627777, 1099511627777, 1099511627777, 1099511627777, '1 service_accounts.previous_digest é''"\%', 1099511627777);
INSERT INTO public.service_accounts VALUES ('2 service_accounts.id é''', '2 organizations.id é''"\%', '2 service_accounts.name é''"\%', '2 service_accounts.role é''"\%', '2 service_accounts.digest é''"\%', 1099511627778, 1099511627778, 1099511627778, 1099511627778, '2 service_accounts.previous_digest é''"\%', 1099511627778);
INSERT INTO public.sessions VALUES ('1 sessions.id é''"\%', '1 users.id é''"\%', '1 sessions.access_digest é''"\%', 1099511627777, '1 sessions.refresh_digest é''"\%', 1099511627777, '1 sessions.user_agent é''"\%', 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.sessions VALUES ('2 sessions.id é''"\%', '2 users.id é''"\%', '2 sessions.access_digest é''"\%', 1099511627778, '2 sessions.refresh_digest é''"\%', 1099511627778, '2 sessions.user_agent é''"\%', 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.spent_refresh_tokens VALUES ('1 spent_refresh_tokens.digest é''"\%', '1 sessions.id é''"\%', 1099511627777);
INSERT INTO public.spent_refresh_tokens VALUES ('2 spent_refresh_tokens.digest é''"\%', '2 sessions.id é''"\%', 1099511627778);
INSERT INTO public.users VALUES ('1 users.id é''"\%', '1 users.email é''"\%', '1 users.first_name é''"\%', '1 users.last_name é''"\%', '1 users.picture é''"\%', '1 users.password_hash é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.users VALUES ('2 users.id é''"\%', '2 users.email é''"\%', '2 users.first_name é''"\%', '2 users.last_name é''"\%', '2 users.picture é''"\%', '2 users.password_hash é''"\%', 1099511627778, 1099511627778);
ALTER TABLE ONLY public.app_files
    ADD CONSTRAINT pk_app_files PRIMARY KEY (id);
ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT pk_app_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.apps
    ADD CONSTRAINT pk_apps PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT pk_audit_log PRIMARY KEY (id);
ALTER TABLE ONLY public.build_counts
    ADD CONSTRAINT pk_build_counts PRIMARY KEY (app_id, status, os);
ALTER TABLE ONLY public.build_files
    ADD CONSTRAINT pk_build_files PRIMARY KEY (id);
ALTER TABLE ONLY public.build_tags
    ADD CONSTRAINT pk_build_tags PRIMARY KEY (build_id, tag);
ALTER TABLE ONLY public.build_version_counts
    ADD CONSTRAINT pk_build_version_counts PRIMARY KEY (app_id, version_name, status, os);
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT pk_builds PRIMARY KEY (id);
ALTER TABLE ONLY public.download_tokens
    ADD CONSTRAINT pk_download_tokens PRIMARY KEY (digest);
ALTER TABLE ONLY public.downloads
    ADD CONSTRAINT pk_downloads PRIMARY KEY (id);
ALTER TABLE ONLY public.executors
    ADD CONSTRAINT pk_executors PRIMARY KEY (id);
ALTER TABLE ONLY public.login_attempts
    ADD CONSTRAINT pk_login_attempts PRIMARY KEY (key);
ALTER TABLE ONLY public.loose_blobs
    ADD CONSTRAINT pk_loose_blobs PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT pk_memberships PRIMARY KEY (user_id, organization_id);
ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT pk_organizations PRIMARY KEY (id);
ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT pk_service_accounts PRIMARY KEY (id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (id);
ALTER TABLE ONLY public.spent_refresh_tokens
    ADD CONSTRAINT pk_spent_refresh_tokens PRIMARY KEY (digest);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT uq_app_tokens_digest UNIQUE (digest);
ALTER TABLE ONLY public.apps
    ADD CONSTRAINT uq_apps_organization_id_slug UNIQUE (organization_id, slug);
ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT uq_organizations_slug UNIQUE (slug);
ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT uq_service_accounts_digest UNIQUE (digest);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT uq_sessions_access_digest UNIQUE (access_digest);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT uq_sessions_refresh_digest UNIQUE (refresh_digest);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email UNIQUE (email);
CREATE INDEX ix_app_files_app_id ON public.app_files USING btree (app_id);
CREATE INDEX ix_app_files_key ON public.app_files USING btree (key);
CREATE INDEX ix_app_tokens_app_id ON public.app_tokens USING btree (app_id);
CREATE INDEX ix_audit_log_created ON public.audit_log USING btree (organization_id, created_at DESC, id DESC);
CREATE INDEX ix_build_files_build_id ON public.build_files USING btree (build_id);
CREATE INDEX ix_build_files_key ON public.build_files USING btree (key);
CREATE INDEX ix_build_tags_tag ON public.build_tags USING btree (app_id, tag, build_id);
CREATE INDEX ix_builds_code ON public.builds USING btree (app_id, version_code, created_at, id);
CREATE INDEX ix_builds_created ON public.builds USING btree (app_id, created_at, id);
CREATE INDEX ix_builds_os ON public.builds USING btree (app_id, os, created_at, id);
CREATE INDEX ix_builds_os_status ON public.builds USING btree (app_id, os, status, created_at, id);
CREATE INDEX ix_builds_size ON public.builds USING btree (app_id, size, created_at, id);
CREATE INDEX ix_builds_status ON public.builds USING btree (app_id, status, created_at, id);
CREATE INDEX ix_builds_updated ON public.builds USING btree (app_id, updated_at, id);
CREATE INDEX ix_builds_version ON public.builds USING btree (app_id, version_name, created_at, id, os, status);
CREATE INDEX ix_download_tokens_build_id ON public.download_tokens USING btree (build_id);
CREATE INDEX ix_download_tokens_expires_at ON public.download_tokens USING btree (expires_at);
CREATE INDEX ix_downloads_created ON public.downloads USING btree (build_id, created_at DESC, id DESC);
CREATE INDEX ix_login_attempts_began_at ON public.login_attempts USING btree (began_at);
CREATE INDEX ix_loose_blobs_executor_id ON public.loose_blobs USING btree (executor_id);
CREATE INDEX ix_service_accounts_organization_id ON public.service_accounts USING btree (organization_id);
CREATE INDEX ix_service_accounts_previous_digest ON public.service_accounts USING btree (previous_digest);
CREATE INDEX ix_sessions_refresh_expires_at ON public.sessions USING btree (refresh_expires_at);
CREATE INDEX ix_sessions_user_id ON public.sessions USING btree (user_id);
CREATE INDEX ix_spent_refresh_tokens_session_id ON public.spent_refresh_tokens USING btree (session_id);
ALTER TABLE ONLY public.app_files
    ADD CONSTRAINT fk_app_files_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT fk_app_tokens_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT fk_app_tokens_created_by FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT fk_app_tokens_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.apps
    ADD CONSTRAINT fk_apps_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_counts
    ADD CONSTRAINT fk_build_counts_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_files
    ADD CONSTRAINT fk_build_files_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_tags
    ADD CONSTRAINT fk_build_tags_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_version_counts
    ADD CONSTRAINT fk_build_version_counts_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT fk_builds_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT fk_builds_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.downloads
    ADD CONSTRAINT fk_downloads_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT fk_memberships_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT fk_memberships_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT fk_service_accounts_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.spent_refresh_tokens
    ADD CONSTRAINT fk_spent_refresh_tokens_session_id FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;
