"""The command lines that the source documents print, word for word, by document and face."""

ATTACH_INTEGRATIONS = """\
curl 'https://upload.applivery.io/v1/integrations/builds/552ae3cfcb5abfc58d733b81/files' \\
  -X POST \\
  -H 'Authorization: Bearer YOUR_APP_TOKEN' \\
  -F 'file=@/path/to/report.zip' \\
  -F 'description=Automated test report'
"""

ATTACH_WORKSPACE = """\
curl 'https://upload.applivery.io/v1/organizations/ORG_ID/apps/APP_ID/builds/BUILD_ID/files' \\
  -X POST \\
  -H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
  -F 'file=@/path/to/mapping.txt' \\
  -F 'description=ProGuard mapping file'
"""

# The document's own `-F '[email protected]'` is what a mail obfuscator left of `-F 'build=@FILE'`.
UPLOAD_INTEGRATIONS = """\
curl 'https://upload.applivery.io/v1/integrations/builds' \\
-X POST \\
--retry 5 \\
--fail \\
-H 'Authorization: Bearer YOUR_APP_TOKEN' \\
-F '[email protected]' \\
-F 'versionName=v2.4.0-rc1' \\
-F 'tags=staging, sprint-42' \\
-F 'changelog=Fixed crash on login screen' \\
-F 'notifyCollaborators=true' \\
-F 'notifyEmployees=false' \\
-F 'notifyMessage=New build ready for QA' \\
-F 'notifyLanguage=en' \\
-F 'filter[0][0]=group1' \\
-F 'filter[0][1]=group2' \\
-F 'filter[1][0]=group3' \\
-F 'deployer.name=GitHub Actions' \\
-F 'deployer.info.commitMessage=Fix crash on login' \\
-F 'deployer.info.commit=f52ace0' \\
-F 'deployer.info.branch=release/2.4' \\
-F 'deployer.info.tag=v2.4.0-rc1' \\
-F 'deployer.info.triggerTimestamp=1558359012580' \\
-F 'deployer.info.buildUrl=https://github.com/myorg/myapp/actions/runs/123' \\
-F 'deployer.info.ciUrl=https://github.com/myorg/myapp/actions' \\
-F 'deployer.info.repositoryUrl=https://github.com/myorg/myapp' \\
-F 'deployer.info.buildNumber=173'
"""

UPLOAD_WORKSPACE = """\
curl 'https://upload.applivery.io/v1/organizations/ORG_ID/apps/APP_ID/builds' \\
-X POST \\
-H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
-F '[email protected]' \\
-F 'versionName=v3.1.0' \\
-F 'changelog=Performance improvements' \\
-F 'notifyCollaborators=true' \\
-F 'deployer.name=Internal Deploy Bot' \\
-F 'deployer.info.branch=main' \\
-F 'deployer.info.buildNumber=88'
"""

TOKEN = """\
curl 'https://api.applivery.io/v1/organizations/ORG_ID/apps/APP_ID/builds/BUILD_ID/downloadToken?fileId=FILE_ID&type=auto' \\
-X GET \\
-H 'Accept: application/json' \\
-H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN'
"""

DOWNLOAD = """\
curl -L 'https://download-api.applivery.io/v1/download/YOUR_DOWNLOAD_TOKEN' \\
-o downloaded_file.png
"""

TOKEN_THEN_DOWNLOAD = """\
# Step 1: Generate the download token for the attached file
TOKEN=$(curl -s \\
'https://api.applivery.io/v1/organizations/ORG_ID/apps/APP_ID/builds/BUILD_ID/downloadToken?fileId=FILE_ID&type=auto' \\
-H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
| jq -r '.data.token')
# Step 2: Download the file, following the redirect
curl -L \\
"https://download-api.applivery.io/v1/download/$TOKEN" \\
-o downloaded_file
"""

LIST_INTEGRATIONS = """\
curl 'https://api.applivery.io/v1/integrations/builds?status=processed&os=ios&page=1&limit=20' \\
-X GET \\
-H 'Authorization: Bearer YOUR_APP_TOKEN'
"""

LIST_WORKSPACE = """\
curl 'https://api.applivery.io/v1/organizations/ORG_ID/apps/APP_ID/builds?status=processed&os=android&page=1&limit=10' \\
-X GET \\
-H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN'
"""

UPDATE_INTEGRATIONS = """\
curl 'https://api.applivery.io/v1/integrations/builds/552ae3cfcb5abfc58d733b81' \\
  -X PUT \\
  -H 'Authorization: Bearer YOUR_APP_TOKEN' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "versionName": "v2.5.0-rc2",
    "tags": ["staging", "sprint-43"],
    "changelog": "Fixed crash on settings screen"
  }'
"""

UPDATE_WORKSPACE = """\
curl 'https://api.applivery.io/v1/organizations/ORG_ID/apps/APP_ID/builds/552ae3cfcb5abfc58d733b81' \\
  -X PUT \\
  -H 'Authorization: Bearer YOUR_SERVICE_ACCOUNT_TOKEN' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "versionName": "v2.5.0-rc2",
    "changelog": "Fixed crash on settings screen",
    "tags": ["staging", "sprint-43"],
    "metadata": {
      "environment": "staging",
      "team": "mobile"
    }
  }'
"""

BY_DOCUMENT = {
    "000": [ATTACH_INTEGRATIONS, ATTACH_WORKSPACE],
    "001": [UPLOAD_INTEGRATIONS, UPLOAD_WORKSPACE],
    "002": [TOKEN, DOWNLOAD, TOKEN_THEN_DOWNLOAD],
    "003": [LIST_INTEGRATIONS, LIST_WORKSPACE],
    "004": [UPDATE_INTEGRATIONS, UPDATE_WORKSPACE],
}
