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
CREATE TABLE public.addresses (
    name character varying(16) NOT NULL COLLATE pg_catalog."C",
    url character varying(512) NOT NULL COLLATE pg_catalog."C",
    noted_at bigint NOT NULL
);
CREATE TABLE public.app_collaborators (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    user_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    role character varying(16) NOT NULL COLLATE pg_catalog."C",
    created_by character varying(24) COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
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
    last_build_processed_at bigint,
    sdk json DEFAULT '{}'::json NOT NULL,
    feedbacks bigint DEFAULT '0'::bigint NOT NULL
);
CREATE TABLE public.audience_employees (
    audience_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    employee_id character varying(24) NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.audiences (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    name character varying(255) NOT NULL COLLATE pg_catalog."C",
    key character varying(512) NOT NULL COLLATE pg_catalog."C",
    description character varying(1000) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    conditions json DEFAULT '[]'::json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
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
    updated_at bigint NOT NULL,
    details json
);
CREATE TABLE public.build_lanes (
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    value character varying(255) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    os character varying(32) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.build_notifications (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    turn integer NOT NULL,
    requested_by json NOT NULL,
    collaborators boolean NOT NULL,
    employees boolean NOT NULL,
    message text NOT NULL COLLATE pg_catalog."C",
    language character varying(2) NOT NULL COLLATE pg_catalog."C",
    groups json NOT NULL,
    state character varying(16) NOT NULL COLLATE pg_catalog."C",
    reason character varying(32) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    "position" character varying(256) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.build_pins (
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    reason character varying(1000) NOT NULL COLLATE pg_catalog."C",
    pinned_by json NOT NULL,
    pinned_at bigint NOT NULL
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
    updated_at bigint NOT NULL,
    git_branch character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    git_tag character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    update_identifier character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.digests (
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    email character varying(256) NOT NULL COLLATE pg_catalog."C",
    day character varying(10) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
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
    created_at bigint NOT NULL,
    device json DEFAULT '{}'::json NOT NULL,
    recorded_at bigint
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
    created_at bigint NOT NULL,
    address character varying(45) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    user_agent character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    device json DEFAULT '{}'::json NOT NULL,
    personal boolean DEFAULT true NOT NULL
);
CREATE TABLE public.employee_groups (
    employee_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    group_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    source character varying(8) NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.employees (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    email character varying(256) NOT NULL COLLATE pg_catalog."C",
    first_name character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    last_name character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    picture text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    origin character varying(16) NOT NULL COLLATE pg_catalog."C",
    type character varying(16) NOT NULL COLLATE pg_catalog."C",
    password_hash text COLLATE pg_catalog."C",
    language character varying(2) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    disabled boolean DEFAULT false NOT NULL,
    last_seen_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.executors (
    id character varying(64) NOT NULL COLLATE pg_catalog."C",
    host character varying(255) NOT NULL COLLATE pg_catalog."C",
    role character varying(16) NOT NULL COLLATE pg_catalog."C",
    started_at bigint NOT NULL,
    beat_at bigint NOT NULL
);
CREATE TABLE public.expiry_reminders (
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    identifier character varying(255) NOT NULL COLLATE pg_catalog."C",
    expires_at bigint NOT NULL,
    threshold integer NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.external_identities (
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    issuer character varying(1024) NOT NULL COLLATE pg_catalog."C",
    subject character varying(255) NOT NULL COLLATE pg_catalog."C",
    member_kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    member_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.feedback_files (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    feedback_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    original_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    mimetype character varying(255) NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    key character varying(512) NOT NULL COLLATE pg_catalog."C",
    checksum character varying(64) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.feedbacks (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    type character varying(16) NOT NULL COLLATE pg_catalog."C",
    status character varying(16) NOT NULL COLLATE pg_catalog."C",
    message text NOT NULL COLLATE pg_catalog."C",
    author_type character varying(32) NOT NULL COLLATE pg_catalog."C",
    author json NOT NULL,
    author_email character varying(256) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    package json NOT NULL,
    device json NOT NULL,
    sender json NOT NULL,
    build_id character varying(24) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    has_video boolean NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.finished_sign_ins (
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL
);
CREATE TABLE public.groups (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    name character varying(128) NOT NULL COLLATE pg_catalog."C",
    key character varying(256) NOT NULL COLLATE pg_catalog."C",
    description character varying(1000) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.identity_providers (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    name character varying(255) NOT NULL COLLATE pg_catalog."C",
    issuer character varying(1024) NOT NULL COLLATE pg_catalog."C",
    client_id character varying(1024) NOT NULL COLLATE pg_catalog."C",
    client_secret text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    scopes json NOT NULL,
    groups_claim character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    group_mapping json,
    default_role character varying(16) NOT NULL COLLATE pg_catalog."C",
    kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    allowed_domains json DEFAULT '[]'::json NOT NULL,
    allow_sign_up boolean DEFAULT false NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    "only" boolean DEFAULT false NOT NULL,
    vouched boolean DEFAULT false NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.invitations (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    email character varying(256) NOT NULL COLLATE pg_catalog."C",
    first_name character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    last_name character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    role character varying(16) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) COLLATE pg_catalog."C",
    app_role character varying(16) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    tags json DEFAULT '[]'::json NOT NULL,
    language character varying(2) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    invited_by character varying(24) COLLATE pg_catalog."C",
    expires_at bigint NOT NULL,
    accepted_at bigint,
    revoked_at bigint,
    created_at bigint NOT NULL
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
CREATE TABLE public.mail_batches (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    turn integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    parked boolean DEFAULT false NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.mail_preferences (
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    email character varying(256) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    delivery character varying(8) NOT NULL COLLATE pg_catalog."C",
    updated_at bigint NOT NULL
);
CREATE TABLE public.mails (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) COLLATE pg_catalog."C",
    app_id character varying(24) COLLATE pg_catalog."C",
    build_id character varying(24) COLLATE pg_catalog."C",
    notification_id character varying(24) COLLATE pg_catalog."C",
    batch_id character varying(24) COLLATE pg_catalog."C",
    digest_id character varying(24) COLLATE pg_catalog."C",
    kind character varying(32) NOT NULL COLLATE pg_catalog."C",
    email character varying(256) NOT NULL COLLATE pg_catalog."C",
    name character varying(512) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    language character varying(2) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    reason character varying(16) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    detail character varying(1000) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    facts text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    state character varying(16) NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    lost integer DEFAULT 0 NOT NULL,
    first_tried_at bigint,
    answer character varying(1000) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    history json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.member_sessions (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    member_kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    member_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) COLLATE pg_catalog."C",
    origin character varying(16) NOT NULL COLLATE pg_catalog."C",
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    user_agent character varying(255) NOT NULL COLLATE pg_catalog."C",
    expires_at bigint NOT NULL,
    last_used_at bigint,
    revoked_at bigint,
    created_at bigint NOT NULL
);
CREATE TABLE public.memberships (
    user_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    role character varying(32) NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint
);
CREATE TABLE public.organizations (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    name character varying(255) NOT NULL COLLATE pg_catalog."C",
    slug character varying(128) NOT NULL COLLATE pg_catalog."C",
    integrations_enabled boolean NOT NULL,
    workspace_enabled boolean NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    require_two_factor boolean DEFAULT false NOT NULL,
    password_sign_in boolean DEFAULT true NOT NULL,
    custom_login_enabled boolean DEFAULT true NOT NULL,
    download_log_days integer,
    build_retention_days integer,
    builds_retained_per_publication integer,
    trash_days integer DEFAULT 30 NOT NULL
);
CREATE TABLE public.password_resets (
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    member_kind character varying(16) NOT NULL COLLATE pg_catalog."C",
    member_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) COLLATE pg_catalog."C",
    expires_at bigint NOT NULL,
    used_at bigint,
    created_at bigint NOT NULL
);
CREATE TABLE public.publication_audiences (
    publication_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    audience_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    notify boolean NOT NULL
);
CREATE TABLE public.publication_builds (
    publication_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    platform character varying(32) NOT NULL COLLATE pg_catalog."C",
    is_listed boolean NOT NULL
);
CREATE TABLE public.publications (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    slug character varying(128) NOT NULL COLLATE pg_catalog."C",
    security character varying(16) NOT NULL COLLATE pg_catalog."C",
    password_hash text COLLATE pg_catalog."C",
    visibility character varying(16) NOT NULL COLLATE pg_catalog."C",
    filter_type character varying(16) NOT NULL COLLATE pg_catalog."C",
    filter_value character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    systems json DEFAULT '[]'::json NOT NULL,
    tags json DEFAULT '[]'::json NOT NULL,
    groups json DEFAULT '[]'::json NOT NULL,
    activate_audiences boolean DEFAULT false NOT NULL,
    show_history boolean DEFAULT false NOT NULL,
    show_dev_info boolean DEFAULT false NOT NULL,
    hide_attachments boolean DEFAULT false NOT NULL,
    terms_active boolean DEFAULT false NOT NULL,
    terms_text text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    allowed_countries json DEFAULT '[]'::json NOT NULL,
    blocked_countries json DEFAULT '[]'::json NOT NULL,
    expires_at bigint,
    looks json DEFAULT '{}'::json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.recovery_codes (
    user_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    used_at bigint
);
CREATE TABLE public.retention_runs (
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    night bigint,
    started_at bigint NOT NULL,
    finished_at bigint NOT NULL,
    builds integer NOT NULL,
    bytes bigint NOT NULL
);
CREATE TABLE public.schedules (
    name character varying(64) NOT NULL COLLATE pg_catalog."C",
    period_start bigint NOT NULL,
    executor_id character varying(64) NOT NULL COLLATE pg_catalog."C",
    claimed_at bigint NOT NULL,
    finished_at bigint
);
CREATE TABLE public.schema_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.sdk_sightings (
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    os character varying(16) NOT NULL COLLATE pg_catalog."C",
    sdk_version character varying(64) NOT NULL COLLATE pg_catalog."C",
    capabilities json NOT NULL,
    package_known boolean NOT NULL,
    seen_at bigint NOT NULL
);
CREATE TABLE public.second_factors (
    user_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    secret text NOT NULL COLLATE pg_catalog."C",
    last_step bigint,
    confirmed_at bigint,
    created_at bigint NOT NULL
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
    created_at bigint NOT NULL,
    method character varying(16) DEFAULT 'password'::character varying NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.signing_keys (
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    origin character varying(16) NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    sha1 character varying(40) NOT NULL COLLATE pg_catalog."C",
    sha256 character varying(64) NOT NULL COLLATE pg_catalog."C",
    not_after bigint NOT NULL,
    alias character varying(255) NOT NULL COLLATE pg_catalog."C",
    keystore text NOT NULL COLLATE pg_catalog."C",
    password text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.spent_refresh_tokens (
    digest character varying(64) NOT NULL COLLATE pg_catalog."C",
    session_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    spent_at bigint NOT NULL
);
CREATE TABLE public.trash (
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    version_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    version_code character varying(255) NOT NULL COLLATE pg_catalog."C",
    os character varying(32) NOT NULL COLLATE pg_catalog."C",
    status character varying(16) NOT NULL COLLATE pg_catalog."C",
    bytes bigint NOT NULL,
    created_at bigint NOT NULL,
    reason character varying(16) NOT NULL COLLATE pg_catalog."C",
    sentence text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    trashed_by json NOT NULL,
    trashed_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE public.trash_keys (
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    key character varying(512) NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.trash_rows (
    build_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    table_name character varying(64) NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.user_groups (
    user_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    group_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    source character varying(8) NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.users (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    email character varying(256) NOT NULL COLLATE pg_catalog."C",
    first_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    last_name character varying(255) NOT NULL COLLATE pg_catalog."C",
    picture text NOT NULL COLLATE pg_catalog."C",
    password_hash text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    language character varying(2) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.webhook_attempts (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    delivery_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    url character varying(2048) NOT NULL COLLATE pg_catalog."C",
    request_headers json NOT NULL,
    address character varying(64) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    response_status integer,
    response_headers json DEFAULT '[]'::json NOT NULL,
    response_body text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    is_cut boolean DEFAULT false NOT NULL,
    duration_ms integer,
    error text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    started_at bigint NOT NULL
);
CREATE TABLE public.webhook_deliveries (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    webhook_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    kind character varying(64) NOT NULL COLLATE pg_catalog."C",
    payload text NOT NULL COLLATE pg_catalog."C",
    status character varying(16) NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    turn integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    response_status integer,
    error text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    next_attempt_at bigint,
    created_at bigint NOT NULL,
    finished_at bigint
);
CREATE TABLE public.webhooks (
    id character varying(24) NOT NULL COLLATE pg_catalog."C",
    organization_id character varying(24) NOT NULL COLLATE pg_catalog."C",
    app_id character varying(24) COLLATE pg_catalog."C",
    url character varying(2048) NOT NULL COLLATE pg_catalog."C",
    description character varying(1000) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    events json NOT NULL,
    enabled boolean NOT NULL,
    secret text NOT NULL COLLATE pg_catalog."C",
    previous_secret text COLLATE pg_catalog."C",
    previous_until bigint,
    headers text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    header_names json DEFAULT '[]'::json NOT NULL,
    failing_since bigint,
    disabled_reason character varying(255) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
INSERT INTO public.addresses VALUES ('1 addresses.name', '1 addresses.url é''"\%', 1099511627777);
INSERT INTO public.addresses VALUES ('2 addresses.name', '2 addresses.url é''"\%', 1099511627778);
INSERT INTO public.app_collaborators VALUES ('1 app_collaborators.id é', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 users.id é''"\%', '1 app_collaborat', '1 users.id é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.app_collaborators VALUES ('2 app_collaborators.id é', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 users.id é''"\%', '2 app_collaborat', '2 users.id é''"\%', 1099511627778, 1099511627778);
INSERT INTO public.app_files VALUES ('1 app_files.id é''"\%', '1 apps.id é''"\%', '1 app_files.organization', '1 app_files.original_name é''"\%', '1 app_files.mimetype é''"\%', 1099511627777, '1 app_files.key é''"\%', '1 app_files.checksum é''"\%', 1099511627777);
INSERT INTO public.app_files VALUES ('2 app_files.id é''"\%', '2 apps.id é''"\%', '2 app_files.organization', '2 app_files.original_name é''"\%', '2 app_files.mimetype é''"\%', 1099511627778, '2 app_files.key é''"\%', '2 app_files.checksum é''"\%', 1099511627778);
INSERT INTO public.app_tokens VALUES ('1 app_tokens.id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 app_tokens.digest é''"\%', '1 app_tokens.description é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 users.id é''"\%', 1099511627777, 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.app_tokens VALUES ('2 app_tokens.id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 app_tokens.digest é''"\%', '2 app_tokens.description é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 users.id é''"\%', 1099511627778, 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.apps VALUES ('1 apps.id é''"\%', '1 organizations.id é''"\%', '1 apps.name é''"\%', '1 apps.slug é''"\%', '1 apps.description é''"\%', '1 apps.picture é''"\%', true, true, 1099511627777, 1099511627777, true, true, '1 apps.new_build_message é''"\%', '1 ', 1, 1, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 apps.picture_source é''', 1099511627777, 1099511627777, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.apps VALUES ('2 apps.id é''"\%', '2 organizations.id é''"\%', '2 apps.name é''"\%', '2 apps.slug é''"\%', '2 apps.description é''"\%', '2 apps.picture é''"\%', false, false, 1099511627778, 1099511627778, false, false, '2 apps.new_build_message é''"\%', '2 ', 2, 2, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 apps.picture_source é''', 1099511627778, 1099511627778, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.audience_employees VALUES ('1 audiences.id é''"\%', '1 employees.id é''"\%');
INSERT INTO public.audience_employees VALUES ('2 audiences.id é''"\%', '2 employees.id é''"\%');
INSERT INTO public.audiences VALUES ('1 audiences.id é''"\%', '1 organizations.id é''"\%', '1 audiences.name é''"\%', '1 audiences.key é''"\%', '1 audiences.description é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, 1099511627777);
INSERT INTO public.audiences VALUES ('2 audiences.id é''"\%', '2 organizations.id é''"\%', '2 audiences.name é''"\%', '2 audiences.key é''"\%', '2 audiences.description é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, 1099511627778);
INSERT INTO public.audit_log VALUES ('1 audit_log.id é''"\%', '1 audit_log.organization', '1 audit_log.app_id é''"\%', '1 audit_log.principal_kind é''"\%', '1 audit_log.principal_id é''"\%', '1 audit_log.action é''"\%', '1 audit_log.target_id é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.audit_log VALUES ('2 audit_log.id é''"\%', '2 audit_log.organization', '2 audit_log.app_id é''"\%', '2 audit_log.principal_kind é''"\%', '2 audit_log.principal_id é''"\%', '2 audit_log.action é''"\%', '2 audit_log.target_id é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.build_counts VALUES ('1 apps.id é''"\%', '1 build_counts.s', '1 build_counts.os é''"\%', 1099511627777);
INSERT INTO public.build_counts VALUES ('2 apps.id é''"\%', '2 build_counts.s', '2 build_counts.os é''"\%', 1099511627778);
INSERT INTO public.build_files VALUES ('1 build_files.id é''"\%', '1 builds.id é''"\%', 1, '1 build_files.ty', '1 build_files.description é''"\%', '1 build_files.original_name é''"\%', '1 build_files.mimetype é''"\%', 1099511627777, '1 build_files.bucket é''"\%', '1 build_files.key é''"\%', '1 build_files.region é''"\%', '1 build_files.storage_pr', '1 build_files.checksum é''"\%', 1099511627777, 1099511627777, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}');
INSERT INTO public.build_files VALUES ('2 build_files.id é''"\%', '2 builds.id é''"\%', 2, '2 build_files.ty', '2 build_files.description é''"\%', '2 build_files.original_name é''"\%', '2 build_files.mimetype é''"\%', 1099511627778, '2 build_files.bucket é''"\%', '2 build_files.key é''"\%', '2 build_files.region é''"\%', '2 build_files.storage_pr', '2 build_files.checksum é''"\%', 1099511627778, 1099511627778, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}');
INSERT INTO public.build_lanes VALUES ('1 builds.id é''"\%', '1 build_lanes.ki', '1 build_lanes.value é''"\%', '1 build_lanes.app_id é''"', '1 build_lanes.os é''"\%', 1099511627777);
INSERT INTO public.build_lanes VALUES ('2 builds.id é''"\%', '2 build_lanes.ki', '2 build_lanes.value é''"\%', '2 build_lanes.app_id é''"', '2 build_lanes.os é''"\%', 1099511627778);
INSERT INTO public.build_notifications VALUES ('1 build_notifications.id', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 build_notifications.bu', 1, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true, true, '1 build_notifications.message é''"\%', '1 ', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 build_notifica', '1 build_notifications.reason é''"', '1 build_notifications.position é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.build_notifications VALUES ('2 build_notifications.id', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 build_notifications.bu', 2, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false, false, '2 build_notifications.message é''"\%', '2 ', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 build_notifica', '2 build_notifications.reason é''"', '2 build_notifications.position é''"\%', 1099511627778, 1099511627778);
INSERT INTO public.build_pins VALUES ('1 builds.id é''"\%', '1 build_pins.reason é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.build_pins VALUES ('2 builds.id é''"\%', '2 build_pins.reason é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.build_tags VALUES ('1 builds.id é''"\%', '1 build_tags.tag é''"\%', 1, '1 build_tags.app_id é''"\');
INSERT INTO public.build_tags VALUES ('2 builds.id é''"\%', '2 build_tags.tag é''"\%', 2, '2 build_tags.app_id é''"\');
INSERT INTO public.build_version_counts VALUES ('1 apps.id é''"\%', '1 build_version_counts.version_name é''"\%', '1 build_version_', '1 build_version_counts.os é''"\%', 1099511627777);
INSERT INTO public.build_version_counts VALUES ('2 apps.id é''"\%', '2 build_version_counts.version_name é''"\%', '2 build_version_', '2 build_version_counts.os é''"\%', 1099511627778);
INSERT INTO public.builds VALUES ('1 builds.id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 builds.status ', '1 builds.version_name é''"\%', '1 builds.version_code é''"\%', '1 builds.changelog é''"\%', '1 builds.info é''"\%', 1099511627777, '1 builds.os é''"\%', '1 builds.build_platform é''"\%', '1 builds.package_name é''"\%', '1 builds.package_version é''"\%', 1099511627777, 1099511627777, '1 builds.error é''"\%', '1 builds.error_code é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 builds.origina', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true, 1, 1, 1, 1099511627777, 1, 1099511627777, 1099511627777, '1 builds.git_branch é''"\%', '1 builds.git_tag é''"\%', '1 builds.update_identifier é''"\%');
INSERT INTO public.builds VALUES ('2 builds.id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 builds.status ', '2 builds.version_name é''"\%', '2 builds.version_code é''"\%', '2 builds.changelog é''"\%', '2 builds.info é''"\%', 1099511627778, '2 builds.os é''"\%', '2 builds.build_platform é''"\%', '2 builds.package_name é''"\%', '2 builds.package_version é''"\%', 1099511627778, 1099511627778, '2 builds.error é''"\%', '2 builds.error_code é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 builds.origina', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false, 2, 2, 2, 1099511627778, 2, 1099511627778, 1099511627778, '2 builds.git_branch é''"\%', '2 builds.git_tag é''"\%', '2 builds.update_identifier é''"\%');
INSERT INTO public.digests VALUES ('1 organizations.id é''"\%', '1 digests.email é''"\%', '1 digests.', 1099511627777);
INSERT INTO public.digests VALUES ('2 organizations.id é''"\%', '2 digests.email é''"\%', '2 digests.', 1099511627778);
INSERT INTO public.download_tokens VALUES ('1 download_tokens.digest é''"\%', '1 download_tokens.organi', '1 download_tokens.app_id', '1 download_tokens.build_', '1 download_tokens.file_i', '1 downlo', '1 download_tokens.origin é''"\%', '1 download_tokens.member_type é''', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, 1099511627777, 1099511627777, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.download_tokens VALUES ('2 download_tokens.digest é''"\%', '2 download_tokens.organi', '2 download_tokens.app_id', '2 download_tokens.build_', '2 download_tokens.file_i', '2 downlo', '2 download_tokens.origin é''"\%', '2 download_tokens.member_type é''', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, 1099511627778, 1099511627778, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.downloads VALUES ('1 downloads.id é''"\%', '1 downloads.organization', '1 downloads.app_id é''"\%', '1 builds.id é''"\%', '1 downloads.file_id é''"\', '1 downloads.origin é''"\%', '1 downloads.member_type é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 downloads.member_email é''"\%', 1099511627777, '1 downloads.address é''"\%', '1 downloads.user_agent é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true);
INSERT INTO public.downloads VALUES ('2 downloads.id é''"\%', '2 downloads.organization', '2 downloads.app_id é''"\%', '2 builds.id é''"\%', '2 downloads.file_id é''"\', '2 downloads.origin é''"\%', '2 downloads.member_type é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 downloads.member_email é''"\%', 1099511627778, '2 downloads.address é''"\%', '2 downloads.user_agent é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false);
INSERT INTO public.employee_groups VALUES ('1 employees.id é''"\%', '1 groups.id é''"\%', '1 employ');
INSERT INTO public.employee_groups VALUES ('2 employees.id é''"\%', '2 groups.id é''"\%', '2 employ');
INSERT INTO public.employees VALUES ('1 employees.id é''"\%', '1 organizations.id é''"\%', '1 employees.email é''"\%', '1 employees.first_name é''"\%', '1 employees.last_name é''"\%', '1 employees.picture é''"\%', '1 employees.orig', '1 employees.type', '1 employees.password_hash é''"\%', '1 ', true, 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.employees VALUES ('2 employees.id é''"\%', '2 organizations.id é''"\%', '2 employees.email é''"\%', '2 employees.first_name é''"\%', '2 employees.last_name é''"\%', '2 employees.picture é''"\%', '2 employees.orig', '2 employees.type', '2 employees.password_hash é''"\%', '2 ', false, 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.executors VALUES ('1 executors.id é''"\%', '1 executors.host é''"\%', '1 executors.role', 1099511627777, 1099511627777);
INSERT INTO public.executors VALUES ('2 executors.id é''"\%', '2 executors.host é''"\%', '2 executors.role', 1099511627778, 1099511627778);
INSERT INTO public.expiry_reminders VALUES ('1 apps.id é''"\%', '1 expiry_reminde', '1 expiry_reminders.identifier é''"\%', 1099511627777, 1, 1099511627777);
INSERT INTO public.expiry_reminders VALUES ('2 apps.id é''"\%', '2 expiry_reminde', '2 expiry_reminders.identifier é''"\%', 1099511627778, 2, 1099511627778);
INSERT INTO public.external_identities VALUES ('1 organizations.id é''"\%', '1 external_identities.issuer é''"\%', '1 external_identities.subject é''"\%', '1 external_ident', '1 external_identities.me', 1099511627777);
INSERT INTO public.external_identities VALUES ('2 organizations.id é''"\%', '2 external_identities.issuer é''"\%', '2 external_identities.subject é''"\%', '2 external_ident', '2 external_identities.me', 1099511627778);
INSERT INTO public.feedback_files VALUES ('1 feedback_files.id é''"\', '1 feedbacks.id é''"\%', '1 feedback_files.organiz', '1 feedback_files.app_id ', '1 feedback_files', '1 feedback_files.original_name é''"\%', '1 feedback_files.mimetype é''"\%', 1099511627777, '1 feedback_files.key é''"\%', '1 feedback_files.checksum é''"\%', 1099511627777);
INSERT INTO public.feedback_files VALUES ('2 feedback_files.id é''"\', '2 feedbacks.id é''"\%', '2 feedback_files.organiz', '2 feedback_files.app_id ', '2 feedback_files', '2 feedback_files.original_name é''"\%', '2 feedback_files.mimetype é''"\%', 1099511627778, '2 feedback_files.key é''"\%', '2 feedback_files.checksum é''"\%', 1099511627778);
INSERT INTO public.feedbacks VALUES ('1 feedbacks.id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 feedbacks.type', '1 feedbacks.stat', '1 feedbacks.message é''"\%', '1 feedbacks.author_type é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 feedbacks.author_email é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 feedbacks.build_id é''"', true, 1099511627777, 1099511627777);
INSERT INTO public.feedbacks VALUES ('2 feedbacks.id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 feedbacks.type', '2 feedbacks.stat', '2 feedbacks.message é''"\%', '2 feedbacks.author_type é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 feedbacks.author_email é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 feedbacks.build_id é''"', false, 1099511627778, 1099511627778);
INSERT INTO public.finished_sign_ins VALUES ('1 finished_sign_ins.digest é''"\%', 1099511627777);
INSERT INTO public.finished_sign_ins VALUES ('2 finished_sign_ins.digest é''"\%', 1099511627778);
INSERT INTO public.groups VALUES ('1 groups.id é''"\%', '1 organizations.id é''"\%', '1 groups.name é''"\%', '1 groups.key é''"\%', '1 groups.description é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.groups VALUES ('2 groups.id é''"\%', '2 organizations.id é''"\%', '2 groups.name é''"\%', '2 groups.key é''"\%', '2 groups.description é''"\%', 1099511627778, 1099511627778);
INSERT INTO public.identity_providers VALUES ('1 identity_providers.id ', '1 organizations.id é''"\%', '1 identity_providers.name é''"\%', '1 identity_providers.issuer é''"\%', '1 identity_providers.client_id é''"\%', '1 identity_providers.client_secret é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 identity_providers.groups_claim é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 identity_provi', '1 identity_provi', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true, true, true, true, 1099511627777, 1099511627777);
INSERT INTO public.identity_providers VALUES ('2 identity_providers.id ', '2 organizations.id é''"\%', '2 identity_providers.name é''"\%', '2 identity_providers.issuer é''"\%', '2 identity_providers.client_id é''"\%', '2 identity_providers.client_secret é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 identity_providers.groups_claim é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 identity_provi', '2 identity_provi', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false, false, false, false, 1099511627778, 1099511627778);
INSERT INTO public.invitations VALUES ('1 invitations.id é''"\%', '1 organizations.id é''"\%', '1 invitations.ki', '1 invitations.email é''"\%', '1 invitations.first_name é''"\%', '1 invitations.last_name é''"\%', '1 invitations.ro', '1 apps.id é''"\%', '1 invitations.ap', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 ', '1 invitations.digest é''"\%', '1 users.id é''"\%', 1099511627777, 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.invitations VALUES ('2 invitations.id é''"\%', '2 organizations.id é''"\%', '2 invitations.ki', '2 invitations.email é''"\%', '2 invitations.first_name é''"\%', '2 invitations.last_name é''"\%', '2 invitations.ro', '2 apps.id é''"\%', '2 invitations.ap', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 ', '2 invitations.digest é''"\%', '2 users.id é''"\%', 1099511627778, 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.login_attempts VALUES ('1 login_attempts.key é''"\%', 1, 1099511627777);
INSERT INTO public.login_attempts VALUES ('2 login_attempts.key é''"\%', 2, 1099511627778);
INSERT INTO public.loose_blobs VALUES ('1 loose_blobs.id é''"\%', '1 loose_blobs.executor_id é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777);
INSERT INTO public.loose_blobs VALUES ('2 loose_blobs.id é''"\%', '2 loose_blobs.executor_id é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778);
INSERT INTO public.mail_batches VALUES ('1 mail_batches.id é''"\%', 1, 1, true, 1099511627777);
INSERT INTO public.mail_batches VALUES ('2 mail_batches.id é''"\%', 2, 2, false, 1099511627778);
INSERT INTO public.mail_preferences VALUES ('1 organizations.id é''"\%', '1 mail_preferences.email é''"\%', '1 mail_preferences.app_i', '1 mail_p', 1099511627777);
INSERT INTO public.mail_preferences VALUES ('2 organizations.id é''"\%', '2 mail_preferences.email é''"\%', '2 mail_preferences.app_i', '2 mail_p', 1099511627778);
INSERT INTO public.mails VALUES ('1 mails.id é''"\%', '1 organizations.id é''"\%', '1 mails.app_id é''"\%', '1 mails.build_id é''"\%', '1 build_notifications.id', '1 mails.batch_id é''"\%', '1 mails.digest_id é''"\%', '1 mails.kind é''"\%', '1 mails.email é''"\%', '1 mails.name é''"\%', '1 ', '1 mails.reason é', '1 mails.detail é''"\%', '1 mails.facts é''"\%', '1 mails.state é''', 1, 1, 1099511627777, '1 mails.answer é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, 1099511627777);
INSERT INTO public.mails VALUES ('2 mails.id é''"\%', '2 organizations.id é''"\%', '2 mails.app_id é''"\%', '2 mails.build_id é''"\%', '2 build_notifications.id', '2 mails.batch_id é''"\%', '2 mails.digest_id é''"\%', '2 mails.kind é''"\%', '2 mails.email é''"\%', '2 mails.name é''"\%', '2 ', '2 mails.reason é', '2 mails.detail é''"\%', '2 mails.facts é''"\%', '2 mails.state é''', 2, 2, 1099511627778, '2 mails.answer é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, 1099511627778);
INSERT INTO public.member_sessions VALUES ('1 member_sessions.id é''"', '1 organizations.id é''"\%', '1 member_session', '1 member_sessions.member', '1 apps.id é''"\%', '1 member_session', '1 member_sessions.digest é''"\%', '1 member_sessions.user_agent é''"\%', 1099511627777, 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.member_sessions VALUES ('2 member_sessions.id é''"', '2 organizations.id é''"\%', '2 member_session', '2 member_sessions.member', '2 apps.id é''"\%', '2 member_session', '2 member_sessions.digest é''"\%', '2 member_sessions.user_agent é''"\%', 1099511627778, 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.memberships VALUES ('1 users.id é''"\%', '1 organizations.id é''"\%', '1 memberships.role é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.memberships VALUES ('2 users.id é''"\%', '2 organizations.id é''"\%', '2 memberships.role é''"\%', 1099511627778, 1099511627778);
INSERT INTO public.organizations VALUES ('1 organizations.id é''"\%', '1 organizations.name é''"\%', '1 organizations.slug é''"\%', true, true, 1099511627777, 1099511627777, true, true, true, 1, 1, 1, 1);
INSERT INTO public.organizations VALUES ('2 organizations.id é''"\%', '2 organizations.name é''"\%', '2 organizations.slug é''"\%', false, false, 1099511627778, 1099511627778, false, false, false, 2, 2, 2, 2);
INSERT INTO public.password_resets VALUES ('1 password_resets.digest é''"\%', '1 password_reset', '1 password_resets.member', '1 organizations.id é''"\%', 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.password_resets VALUES ('2 password_resets.digest é''"\%', '2 password_reset', '2 password_resets.member', '2 organizations.id é''"\%', 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.publication_audiences VALUES ('1 publications.id é''"\%', '1 audiences.id é''"\%', 1, true);
INSERT INTO public.publication_audiences VALUES ('2 publications.id é''"\%', '2 audiences.id é''"\%', 2, false);
INSERT INTO public.publication_builds VALUES ('1 publications.id é''"\%', 1, '1 publication_builds.bui', '1 publication_builds.platform é''', true);
INSERT INTO public.publication_builds VALUES ('2 publications.id é''"\%', 2, '2 publication_builds.bui', '2 publication_builds.platform é''', false);
INSERT INTO public.publications VALUES ('1 publications.id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 publications.slug é''"\%', '1 publications.s', '1 publications.password_hash é''"\%', '1 publications.v', '1 publications.f', '1 publications.filter_value é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true, true, true, true, true, '1 publications.terms_text é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, 1099511627777);
INSERT INTO public.publications VALUES ('2 publications.id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 publications.slug é''"\%', '2 publications.s', '2 publications.password_hash é''"\%', '2 publications.v', '2 publications.f', '2 publications.filter_value é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false, false, false, false, false, '2 publications.terms_text é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, 1099511627778);
INSERT INTO public.recovery_codes VALUES ('1 users.id é''"\%', '1 recovery_codes.digest é''"\%', 1099511627777);
INSERT INTO public.recovery_codes VALUES ('2 users.id é''"\%', '2 recovery_codes.digest é''"\%', 1099511627778);
INSERT INTO public.retention_runs VALUES ('1 apps.id é''"\%', 1099511627777, 1099511627777, 1099511627777, 1, 1099511627777);
INSERT INTO public.retention_runs VALUES ('2 apps.id é''"\%', 1099511627778, 1099511627778, 1099511627778, 2, 1099511627778);
INSERT INTO public.schedules VALUES ('retention', 1795927847103, '', 1795927847103, 1795927847103);
INSERT INTO public.schedules VALUES ('1 schedules.name é''"\%', 1099511627777, '1 schedules.executor_id é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.schedules VALUES ('2 schedules.name é''"\%', 1099511627778, '2 schedules.executor_id é''"\%', 1099511627778, 1099511627778);
INSERT INTO public.schema_version VALUES ('0011');
INSERT INTO public.sdk_sightings VALUES ('1 apps.id é''"\%', '1 sdk_sightings.', '1 sdk_sightings.sdk_version é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true, 1099511627777);
INSERT INTO public.sdk_sightings VALUES ('2 apps.id é''"\%', '2 sdk_sightings.', '2 sdk_sightings.sdk_version é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false, 1099511627778);
INSERT INTO public.second_factors VALUES ('1 users.id é''"\%', '1 second_factors.secret é''"\%', 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.second_factors VALUES ('2 users.id é''"\%', '2 second_factors.secret é''"\%', 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.service_accounts VALUES ('1 service_accounts.id é''', '1 organizations.id é''"\%', '1 service_accounts.name é''"\%', '1 service_accounts.role é''"\%', '1 service_accounts.digest é''"\%', 1099511627777, 1099511627777, 1099511627777, 1099511627777, '1 service_accounts.previous_digest é''"\%', 1099511627777);
INSERT INTO public.service_accounts VALUES ('2 service_accounts.id é''', '2 organizations.id é''"\%', '2 service_accounts.name é''"\%', '2 service_accounts.role é''"\%', '2 service_accounts.digest é''"\%', 1099511627778, 1099511627778, 1099511627778, 1099511627778, '2 service_accounts.previous_digest é''"\%', 1099511627778);
INSERT INTO public.sessions VALUES ('1 sessions.id é''"\%', '1 users.id é''"\%', '1 sessions.access_digest é''"\%', 1099511627777, '1 sessions.refresh_digest é''"\%', 1099511627777, '1 sessions.user_agent é''"\%', 1099511627777, 1099511627777, 1099511627777, '1 sessions.metho');
INSERT INTO public.sessions VALUES ('2 sessions.id é''"\%', '2 users.id é''"\%', '2 sessions.access_digest é''"\%', 1099511627778, '2 sessions.refresh_digest é''"\%', 1099511627778, '2 sessions.user_agent é''"\%', 1099511627778, 1099511627778, 1099511627778, '2 sessions.metho');
INSERT INTO public.signing_keys VALUES ('1 apps.id é''"\%', '1 signing_keys.o', '1 signing_keys.subject é''"\%', '1 signing_keys.sha1 é''"\%', '1 signing_keys.sha256 é''"\%', 1099511627777, '1 signing_keys.alias é''"\%', '1 signing_keys.keystore é''"\%', '1 signing_keys.password é''"\%', 1099511627777);
INSERT INTO public.signing_keys VALUES ('2 apps.id é''"\%', '2 signing_keys.o', '2 signing_keys.subject é''"\%', '2 signing_keys.sha1 é''"\%', '2 signing_keys.sha256 é''"\%', 1099511627778, '2 signing_keys.alias é''"\%', '2 signing_keys.keystore é''"\%', '2 signing_keys.password é''"\%', 1099511627778);
INSERT INTO public.spent_refresh_tokens VALUES ('1 spent_refresh_tokens.digest é''"\%', '1 sessions.id é''"\%', 1099511627777);
INSERT INTO public.spent_refresh_tokens VALUES ('2 spent_refresh_tokens.digest é''"\%', '2 sessions.id é''"\%', 1099511627778);
INSERT INTO public.trash VALUES ('1 trash.build_id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 trash.version_name é''"\%', '1 trash.version_code é''"\%', '1 trash.os é''"\%', '1 trash.status é', 1099511627777, 1099511627777, '1 trash.reason é', '1 trash.sentence é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, 1099511627777);
INSERT INTO public.trash VALUES ('2 trash.build_id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 trash.version_name é''"\%', '2 trash.version_code é''"\%', '2 trash.os é''"\%', '2 trash.status é', 1099511627778, 1099511627778, '2 trash.reason é', '2 trash.sentence é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, 1099511627778);
INSERT INTO public.trash_keys VALUES ('1 trash.build_id é''"\%', '1 trash_keys.key é''"\%');
INSERT INTO public.trash_keys VALUES ('2 trash.build_id é''"\%', '2 trash_keys.key é''"\%');
INSERT INTO public.trash_rows VALUES ('1 trash.build_id é''"\%', 1, '1 trash_rows.table_name é''"\%', '1 trash_rows.content é''"\%');
INSERT INTO public.trash_rows VALUES ('2 trash.build_id é''"\%', 2, '2 trash_rows.table_name é''"\%', '2 trash_rows.content é''"\%');
INSERT INTO public.user_groups VALUES ('1 users.id é''"\%', '1 groups.id é''"\%', '1 user_g');
INSERT INTO public.user_groups VALUES ('2 users.id é''"\%', '2 groups.id é''"\%', '2 user_g');
INSERT INTO public.users VALUES ('1 users.id é''"\%', '1 users.email é''"\%', '1 users.first_name é''"\%', '1 users.last_name é''"\%', '1 users.picture é''"\%', '1 users.password_hash é''"\%', 1099511627777, 1099511627777, '1 ');
INSERT INTO public.users VALUES ('2 users.id é''"\%', '2 users.email é''"\%', '2 users.first_name é''"\%', '2 users.last_name é''"\%', '2 users.picture é''"\%', '2 users.password_hash é''"\%', 1099511627778, 1099511627778, '2 ');
INSERT INTO public.webhook_attempts VALUES ('1 webhook_attempts.id é''', '1 webhook_deliveries.id ', 1, '1 webhook_attempts.url é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 webhook_attempts.address é''"\%', 1, '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', '1 webhook_attempts.response_body é''"\%', true, 1, '1 webhook_attempts.error é''"\%', 1099511627777);
INSERT INTO public.webhook_attempts VALUES ('2 webhook_attempts.id é''', '2 webhook_deliveries.id ', 2, '2 webhook_attempts.url é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 webhook_attempts.address é''"\%', 2, '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', '2 webhook_attempts.response_body é''"\%', false, 2, '2 webhook_attempts.error é''"\%', 1099511627778);
INSERT INTO public.webhook_deliveries VALUES ('1 webhook_deliveries.id ', '1 webhooks.id é''"\%', '1 webhook_deliveries.kind é''"\%', '1 webhook_deliveries.payload é''"\%', '1 webhook_delive', 1, 1, 1, 1, '1 webhook_deliveries.error é''"\%', 1099511627777, 1099511627777, 1099511627777);
INSERT INTO public.webhook_deliveries VALUES ('2 webhook_deliveries.id ', '2 webhooks.id é''"\%', '2 webhook_deliveries.kind é''"\%', '2 webhook_deliveries.payload é''"\%', '2 webhook_delive', 2, 2, 2, 2, '2 webhook_deliveries.error é''"\%', 1099511627778, 1099511627778, 1099511627778);
INSERT INTO public.webhooks VALUES ('1 webhooks.id é''"\%', '1 organizations.id é''"\%', '1 apps.id é''"\%', '1 webhooks.url é''"\%', '1 webhooks.description é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', true, '1 webhooks.secret é''"\%', '1 webhooks.previous_secret é''"\%', 1099511627777, '1 webhooks.headers é''"\%', '{"é":[1,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627777, '1 webhooks.disabled_reason é''"\%', 1099511627777, 1099511627777);
INSERT INTO public.webhooks VALUES ('2 webhooks.id é''"\%', '2 organizations.id é''"\%', '2 apps.id é''"\%', '2 webhooks.url é''"\%', '2 webhooks.description é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', false, '2 webhooks.secret é''"\%', '2 webhooks.previous_secret é''"\%', 1099511627778, '2 webhooks.headers é''"\%', '{"é":[2,1.5,null],"a":{"z":"🚀","b":"''"}}', 1099511627778, '2 webhooks.disabled_reason é''"\%', 1099511627778, 1099511627778);
ALTER TABLE ONLY public.addresses
    ADD CONSTRAINT pk_addresses PRIMARY KEY (name);
ALTER TABLE ONLY public.app_collaborators
    ADD CONSTRAINT pk_app_collaborators PRIMARY KEY (id);
ALTER TABLE ONLY public.app_files
    ADD CONSTRAINT pk_app_files PRIMARY KEY (id);
ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT pk_app_tokens PRIMARY KEY (id);
ALTER TABLE ONLY public.apps
    ADD CONSTRAINT pk_apps PRIMARY KEY (id);
ALTER TABLE ONLY public.audience_employees
    ADD CONSTRAINT pk_audience_employees PRIMARY KEY (audience_id, employee_id);
ALTER TABLE ONLY public.audiences
    ADD CONSTRAINT pk_audiences PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT pk_audit_log PRIMARY KEY (id);
ALTER TABLE ONLY public.build_counts
    ADD CONSTRAINT pk_build_counts PRIMARY KEY (app_id, status, os);
ALTER TABLE ONLY public.build_files
    ADD CONSTRAINT pk_build_files PRIMARY KEY (id);
ALTER TABLE ONLY public.build_lanes
    ADD CONSTRAINT pk_build_lanes PRIMARY KEY (build_id, kind, value);
ALTER TABLE ONLY public.build_notifications
    ADD CONSTRAINT pk_build_notifications PRIMARY KEY (id);
ALTER TABLE ONLY public.build_pins
    ADD CONSTRAINT pk_build_pins PRIMARY KEY (build_id);
ALTER TABLE ONLY public.build_tags
    ADD CONSTRAINT pk_build_tags PRIMARY KEY (build_id, tag);
ALTER TABLE ONLY public.build_version_counts
    ADD CONSTRAINT pk_build_version_counts PRIMARY KEY (app_id, version_name, status, os);
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT pk_builds PRIMARY KEY (id);
ALTER TABLE ONLY public.digests
    ADD CONSTRAINT pk_digests PRIMARY KEY (organization_id, email, day);
ALTER TABLE ONLY public.download_tokens
    ADD CONSTRAINT pk_download_tokens PRIMARY KEY (digest);
ALTER TABLE ONLY public.downloads
    ADD CONSTRAINT pk_downloads PRIMARY KEY (id);
ALTER TABLE ONLY public.employee_groups
    ADD CONSTRAINT pk_employee_groups PRIMARY KEY (employee_id, group_id, source);
ALTER TABLE ONLY public.employees
    ADD CONSTRAINT pk_employees PRIMARY KEY (id);
ALTER TABLE ONLY public.executors
    ADD CONSTRAINT pk_executors PRIMARY KEY (id);
ALTER TABLE ONLY public.expiry_reminders
    ADD CONSTRAINT pk_expiry_reminders PRIMARY KEY (app_id, kind, identifier, expires_at, threshold);
ALTER TABLE ONLY public.external_identities
    ADD CONSTRAINT pk_external_identities PRIMARY KEY (organization_id, issuer, subject);
ALTER TABLE ONLY public.feedback_files
    ADD CONSTRAINT pk_feedback_files PRIMARY KEY (id);
ALTER TABLE ONLY public.feedbacks
    ADD CONSTRAINT pk_feedbacks PRIMARY KEY (id);
ALTER TABLE ONLY public.finished_sign_ins
    ADD CONSTRAINT pk_finished_sign_ins PRIMARY KEY (digest);
ALTER TABLE ONLY public.groups
    ADD CONSTRAINT pk_groups PRIMARY KEY (id);
ALTER TABLE ONLY public.identity_providers
    ADD CONSTRAINT pk_identity_providers PRIMARY KEY (id);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT pk_invitations PRIMARY KEY (id);
ALTER TABLE ONLY public.login_attempts
    ADD CONSTRAINT pk_login_attempts PRIMARY KEY (key);
ALTER TABLE ONLY public.loose_blobs
    ADD CONSTRAINT pk_loose_blobs PRIMARY KEY (id);
ALTER TABLE ONLY public.mail_batches
    ADD CONSTRAINT pk_mail_batches PRIMARY KEY (id);
ALTER TABLE ONLY public.mail_preferences
    ADD CONSTRAINT pk_mail_preferences PRIMARY KEY (organization_id, email, app_id);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT pk_mails PRIMARY KEY (id);
ALTER TABLE ONLY public.member_sessions
    ADD CONSTRAINT pk_member_sessions PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT pk_memberships PRIMARY KEY (user_id, organization_id);
ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT pk_organizations PRIMARY KEY (id);
ALTER TABLE ONLY public.password_resets
    ADD CONSTRAINT pk_password_resets PRIMARY KEY (digest);
ALTER TABLE ONLY public.publication_audiences
    ADD CONSTRAINT pk_publication_audiences PRIMARY KEY (publication_id, audience_id);
ALTER TABLE ONLY public.publication_builds
    ADD CONSTRAINT pk_publication_builds PRIMARY KEY (publication_id, "position");
ALTER TABLE ONLY public.publications
    ADD CONSTRAINT pk_publications PRIMARY KEY (id);
ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, digest);
ALTER TABLE ONLY public.retention_runs
    ADD CONSTRAINT pk_retention_runs PRIMARY KEY (app_id);
ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT pk_schedules PRIMARY KEY (name);
ALTER TABLE ONLY public.sdk_sightings
    ADD CONSTRAINT pk_sdk_sightings PRIMARY KEY (app_id, os);
ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT pk_second_factors PRIMARY KEY (user_id);
ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT pk_service_accounts PRIMARY KEY (id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (id);
ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT pk_signing_keys PRIMARY KEY (app_id);
ALTER TABLE ONLY public.spent_refresh_tokens
    ADD CONSTRAINT pk_spent_refresh_tokens PRIMARY KEY (digest);
ALTER TABLE ONLY public.trash
    ADD CONSTRAINT pk_trash PRIMARY KEY (build_id);
ALTER TABLE ONLY public.trash_keys
    ADD CONSTRAINT pk_trash_keys PRIMARY KEY (build_id, key);
ALTER TABLE ONLY public.trash_rows
    ADD CONSTRAINT pk_trash_rows PRIMARY KEY (build_id, "position");
ALTER TABLE ONLY public.user_groups
    ADD CONSTRAINT pk_user_groups PRIMARY KEY (user_id, group_id, source);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook_attempts
    ADD CONSTRAINT pk_webhook_attempts PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id);
ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT pk_webhooks PRIMARY KEY (id);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.app_collaborators
    ADD CONSTRAINT uq_app_collaborators_app_id_user_id UNIQUE (app_id, user_id);
ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT uq_app_tokens_digest UNIQUE (digest);
ALTER TABLE ONLY public.apps
    ADD CONSTRAINT uq_apps_organization_id_slug UNIQUE (organization_id, slug);
ALTER TABLE ONLY public.audiences
    ADD CONSTRAINT uq_audiences_organization_id_key UNIQUE (organization_id, key);
ALTER TABLE ONLY public.build_notifications
    ADD CONSTRAINT uq_build_notifications_build_id_turn UNIQUE (build_id, turn);
ALTER TABLE ONLY public.employees
    ADD CONSTRAINT uq_employees_organization_id_email UNIQUE (organization_id, email);
ALTER TABLE ONLY public.external_identities
    ADD CONSTRAINT uq_external_identities_member UNIQUE (organization_id, issuer, member_kind, member_id);
ALTER TABLE ONLY public.groups
    ADD CONSTRAINT uq_groups_organization_id_key UNIQUE (organization_id, key);
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT uq_invitations_digest UNIQUE (digest);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT uq_mails_notification_id_email UNIQUE (notification_id, email);
ALTER TABLE ONLY public.member_sessions
    ADD CONSTRAINT uq_member_sessions_digest UNIQUE (digest);
ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT uq_organizations_slug UNIQUE (slug);
ALTER TABLE ONLY public.publications
    ADD CONSTRAINT uq_publications_slug UNIQUE (slug);
ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT uq_service_accounts_digest UNIQUE (digest);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT uq_sessions_access_digest UNIQUE (access_digest);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT uq_sessions_refresh_digest UNIQUE (refresh_digest);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email UNIQUE (email);
ALTER TABLE ONLY public.webhook_attempts
    ADD CONSTRAINT uq_webhook_attempts_delivery_id_number UNIQUE (delivery_id, number);
CREATE INDEX ix_app_collaborators_organization_id ON public.app_collaborators USING btree (organization_id);
CREATE INDEX ix_app_collaborators_user_id ON public.app_collaborators USING btree (user_id);
CREATE INDEX ix_app_files_app_id ON public.app_files USING btree (app_id);
CREATE INDEX ix_app_files_key ON public.app_files USING btree (key);
CREATE INDEX ix_app_tokens_app_id ON public.app_tokens USING btree (app_id);
CREATE INDEX ix_audience_employees_employee_id ON public.audience_employees USING btree (employee_id);
CREATE INDEX ix_audit_log_created ON public.audit_log USING btree (organization_id, created_at DESC, id DESC);
CREATE INDEX ix_build_files_build_id ON public.build_files USING btree (build_id);
CREATE INDEX ix_build_files_key ON public.build_files USING btree (key);
CREATE INDEX ix_build_lanes_newest ON public.build_lanes USING btree (app_id, kind, value, os, created_at, build_id);
CREATE INDEX ix_build_notifications_created ON public.build_notifications USING btree (app_id, created_at, id);
CREATE INDEX ix_build_notifications_organization_id ON public.build_notifications USING btree (organization_id);
CREATE INDEX ix_build_tags_tag ON public.build_tags USING btree (app_id, tag, build_id);
CREATE INDEX ix_builds_code ON public.builds USING btree (app_id, version_code, created_at, id);
CREATE INDEX ix_builds_created ON public.builds USING btree (app_id, created_at, id);
CREATE INDEX ix_builds_os ON public.builds USING btree (app_id, os, created_at, id);
CREATE INDEX ix_builds_os_status ON public.builds USING btree (app_id, os, status, created_at, id);
CREATE INDEX ix_builds_size ON public.builds USING btree (app_id, size, created_at, id);
CREATE INDEX ix_builds_status ON public.builds USING btree (app_id, status, created_at, id);
CREATE INDEX ix_builds_updated ON public.builds USING btree (app_id, updated_at, id);
CREATE INDEX ix_builds_updates ON public.builds USING btree (app_id, os, created_at, id) WHERE ((NOT disabled) AND ((update_identifier)::text <> ''::text));
CREATE INDEX ix_builds_updates_of ON public.builds USING btree (app_id, os, update_identifier, created_at, id) WHERE ((NOT disabled) AND ((update_identifier)::text <> ''::text));
CREATE INDEX ix_builds_version ON public.builds USING btree (app_id, version_name, created_at, id, os, status);
CREATE INDEX ix_digests_day ON public.digests USING btree (day);
CREATE INDEX ix_download_tokens_build_id ON public.download_tokens USING btree (build_id);
CREATE INDEX ix_download_tokens_expires_at ON public.download_tokens USING btree (expires_at);
CREATE INDEX ix_downloads_app ON public.downloads USING btree (app_id, created_at, id);
CREATE INDEX ix_downloads_created ON public.downloads USING btree (build_id, created_at DESC, id DESC);
CREATE INDEX ix_downloads_email ON public.downloads USING btree (organization_id, member_email, created_at);
CREATE INDEX ix_downloads_personal ON public.downloads USING btree (organization_id, created_at) WHERE personal;
CREATE INDEX ix_employee_groups_group ON public.employee_groups USING btree (group_id, employee_id);
CREATE INDEX ix_employees_created ON public.employees USING btree (organization_id, created_at, id);
CREATE INDEX ix_feedback_files_feedback_id ON public.feedback_files USING btree (feedback_id);
CREATE INDEX ix_feedback_files_key ON public.feedback_files USING btree (key);
CREATE INDEX ix_feedbacks_created ON public.feedbacks USING btree (app_id, created_at, id);
CREATE INDEX ix_feedbacks_email ON public.feedbacks USING btree (organization_id, author_email, created_at);
CREATE INDEX ix_feedbacks_status ON public.feedbacks USING btree (app_id, status, created_at, id);
CREATE INDEX ix_feedbacks_type ON public.feedbacks USING btree (app_id, type, created_at, id);
CREATE INDEX ix_feedbacks_updated ON public.feedbacks USING btree (app_id, updated_at, id);
CREATE INDEX ix_finished_sign_ins_at ON public.finished_sign_ins USING btree (at);
CREATE INDEX ix_identity_providers_created ON public.identity_providers USING btree (organization_id, created_at, id);
CREATE INDEX ix_invitations_created ON public.invitations USING btree (organization_id, created_at, id);
CREATE INDEX ix_invitations_email ON public.invitations USING btree (organization_id, email);
CREATE INDEX ix_login_attempts_began_at ON public.login_attempts USING btree (began_at);
CREATE INDEX ix_loose_blobs_executor_id ON public.loose_blobs USING btree (executor_id);
CREATE INDEX ix_mail_batches_parked ON public.mail_batches USING btree (parked);
CREATE INDEX ix_mail_preferences_email ON public.mail_preferences USING btree (email);
CREATE INDEX ix_mails_age ON public.mails USING btree (created_at);
CREATE INDEX ix_mails_batch ON public.mails USING btree (batch_id, state);
CREATE INDEX ix_mails_created ON public.mails USING btree (organization_id, created_at, id);
CREATE INDEX ix_mails_digest ON public.mails USING btree (digest_id) WHERE (digest_id IS NOT NULL);
CREATE INDEX ix_mails_email ON public.mails USING btree (organization_id, email, created_at, id);
CREATE INDEX ix_mails_notification ON public.mails USING btree (notification_id, state);
CREATE INDEX ix_mails_state ON public.mails USING btree (organization_id, state, created_at, id);
CREATE INDEX ix_mails_waiting ON public.mails USING btree (organization_id, email) WHERE (((state)::text = 'digest'::text) AND (digest_id IS NULL));
CREATE INDEX ix_member_sessions_app_id ON public.member_sessions USING btree (app_id);
CREATE INDEX ix_member_sessions_expires_at ON public.member_sessions USING btree (expires_at);
CREATE INDEX ix_member_sessions_member ON public.member_sessions USING btree (member_kind, member_id);
CREATE INDEX ix_member_sessions_organization_id ON public.member_sessions USING btree (organization_id);
CREATE INDEX ix_password_resets_expires_at ON public.password_resets USING btree (expires_at);
CREATE INDEX ix_password_resets_member ON public.password_resets USING btree (member_kind, member_id);
CREATE INDEX ix_password_resets_organization_id ON public.password_resets USING btree (organization_id);
CREATE INDEX ix_publication_audiences_audience_id ON public.publication_audiences USING btree (audience_id);
CREATE INDEX ix_publication_builds_build_id ON public.publication_builds USING btree (build_id);
CREATE INDEX ix_publications_created ON public.publications USING btree (organization_id, created_at, id);
CREATE INDEX ix_publications_filter ON public.publications USING btree (app_id, filter_type, filter_value, created_at);
CREATE INDEX ix_service_accounts_organization_id ON public.service_accounts USING btree (organization_id);
CREATE INDEX ix_service_accounts_previous_digest ON public.service_accounts USING btree (previous_digest);
CREATE INDEX ix_sessions_refresh_expires_at ON public.sessions USING btree (refresh_expires_at);
CREATE INDEX ix_sessions_user_id ON public.sessions USING btree (user_id);
CREATE INDEX ix_spent_refresh_tokens_session_id ON public.spent_refresh_tokens USING btree (session_id);
CREATE INDEX ix_trash_expires_at ON public.trash USING btree (expires_at);
CREATE INDEX ix_trash_keys_key ON public.trash_keys USING btree (key);
CREATE INDEX ix_trash_trashed ON public.trash USING btree (app_id, trashed_at, build_id);
CREATE INDEX ix_user_groups_group ON public.user_groups USING btree (group_id, user_id);
CREATE INDEX ix_webhook_deliveries_created ON public.webhook_deliveries USING btree (webhook_id, created_at, id);
CREATE INDEX ix_webhook_deliveries_due ON public.webhook_deliveries USING btree (status, next_attempt_at);
CREATE INDEX ix_webhook_deliveries_old ON public.webhook_deliveries USING btree (created_at);
CREATE INDEX ix_webhook_deliveries_status ON public.webhook_deliveries USING btree (webhook_id, status, created_at, id);
CREATE INDEX ix_webhooks_app_id ON public.webhooks USING btree (app_id);
CREATE INDEX ix_webhooks_listening ON public.webhooks USING btree (organization_id, app_id, enabled);
CREATE UNIQUE INDEX uq_mails_build ON public.mails USING btree (build_id, email) WHERE ((state)::text <> 'skipped'::text);
ALTER TABLE ONLY public.app_collaborators
    ADD CONSTRAINT fk_app_collaborators_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.app_collaborators
    ADD CONSTRAINT fk_app_collaborators_created_by FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.app_collaborators
    ADD CONSTRAINT fk_app_collaborators_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.app_collaborators
    ADD CONSTRAINT fk_app_collaborators_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
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
ALTER TABLE ONLY public.audience_employees
    ADD CONSTRAINT fk_audience_employees_audience_id FOREIGN KEY (audience_id) REFERENCES public.audiences(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.audience_employees
    ADD CONSTRAINT fk_audience_employees_employee_id FOREIGN KEY (employee_id) REFERENCES public.employees(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.audiences
    ADD CONSTRAINT fk_audiences_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_counts
    ADD CONSTRAINT fk_build_counts_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_files
    ADD CONSTRAINT fk_build_files_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_lanes
    ADD CONSTRAINT fk_build_lanes_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_notifications
    ADD CONSTRAINT fk_build_notifications_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_notifications
    ADD CONSTRAINT fk_build_notifications_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_pins
    ADD CONSTRAINT fk_build_pins_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_tags
    ADD CONSTRAINT fk_build_tags_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.build_version_counts
    ADD CONSTRAINT fk_build_version_counts_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT fk_builds_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.builds
    ADD CONSTRAINT fk_builds_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.digests
    ADD CONSTRAINT fk_digests_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.downloads
    ADD CONSTRAINT fk_downloads_build_id FOREIGN KEY (build_id) REFERENCES public.builds(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.employee_groups
    ADD CONSTRAINT fk_employee_groups_employee_id FOREIGN KEY (employee_id) REFERENCES public.employees(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.employee_groups
    ADD CONSTRAINT fk_employee_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.employees
    ADD CONSTRAINT fk_employees_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.expiry_reminders
    ADD CONSTRAINT fk_expiry_reminders_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.external_identities
    ADD CONSTRAINT fk_external_identities_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.feedback_files
    ADD CONSTRAINT fk_feedback_files_feedback_id FOREIGN KEY (feedback_id) REFERENCES public.feedbacks(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.feedbacks
    ADD CONSTRAINT fk_feedbacks_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.feedbacks
    ADD CONSTRAINT fk_feedbacks_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.groups
    ADD CONSTRAINT fk_groups_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.identity_providers
    ADD CONSTRAINT fk_identity_providers_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT fk_invitations_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT fk_invitations_invited_by FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT fk_invitations_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mail_preferences
    ADD CONSTRAINT fk_mail_preferences_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT fk_mails_notification_id FOREIGN KEY (notification_id) REFERENCES public.build_notifications(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT fk_mails_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.member_sessions
    ADD CONSTRAINT fk_member_sessions_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.member_sessions
    ADD CONSTRAINT fk_member_sessions_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT fk_memberships_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT fk_memberships_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.password_resets
    ADD CONSTRAINT fk_password_resets_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.publication_audiences
    ADD CONSTRAINT fk_publication_audiences_audience_id FOREIGN KEY (audience_id) REFERENCES public.audiences(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.publication_audiences
    ADD CONSTRAINT fk_publication_audiences_publication_id FOREIGN KEY (publication_id) REFERENCES public.publications(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.publication_builds
    ADD CONSTRAINT fk_publication_builds_publication_id FOREIGN KEY (publication_id) REFERENCES public.publications(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.publications
    ADD CONSTRAINT fk_publications_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.publications
    ADD CONSTRAINT fk_publications_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.retention_runs
    ADD CONSTRAINT fk_retention_runs_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sdk_sightings
    ADD CONSTRAINT fk_sdk_sightings_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT fk_second_factors_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.service_accounts
    ADD CONSTRAINT fk_service_accounts_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT fk_signing_keys_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.spent_refresh_tokens
    ADD CONSTRAINT fk_spent_refresh_tokens_session_id FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.trash
    ADD CONSTRAINT fk_trash_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.trash_keys
    ADD CONSTRAINT fk_trash_keys_build_id FOREIGN KEY (build_id) REFERENCES public.trash(build_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.trash
    ADD CONSTRAINT fk_trash_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.trash_rows
    ADD CONSTRAINT fk_trash_rows_build_id FOREIGN KEY (build_id) REFERENCES public.trash(build_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.user_groups
    ADD CONSTRAINT fk_user_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.user_groups
    ADD CONSTRAINT fk_user_groups_user_id FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.webhook_attempts
    ADD CONSTRAINT fk_webhook_attempts_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.webhook_deliveries(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT fk_webhook_deliveries_webhook_id FOREIGN KEY (webhook_id) REFERENCES public.webhooks(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT fk_webhooks_app_id FOREIGN KEY (app_id) REFERENCES public.apps(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT fk_webhooks_organization_id FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE;
