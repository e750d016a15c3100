package preflight

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
)

// stackInStatus is the answer for one stack.
func stackInStatus(status string) string {
	return `== CloudFormation.DescribeStacks
<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
<member><StackName>shop-platform</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-01T09:00:00Z</CreationTime></member>
<member><StackName>shop-cart</StackName><EnableTerminationProtection>true</EnableTerminationProtection><StackStatus>` + status + `</StackStatus><CreationTime>2026-11-01T09:00:00Z</CreationTime></member>
</Stacks></DescribeStacksResult></DescribeStacksResponse>
`
}

func applied(code string, value float64) string {
	return fmt.Sprintf("== ServiceQuotas.GetServiceQuota 200 %q\n{\"Quota\": {\"Value\": %v}}\n", code, value)
}

const noSuchRole = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>`

// zonesWith is the answer in which eu-central-1a has the given ID and eu-central-1b is unavailable.
func zonesWith(id string) string {
	return `== EC2.DescribeAvailabilityZones
<DescribeAvailabilityZonesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><availabilityZoneInfo>
<item><zoneName>eu-central-1a</zoneName><zoneId>` + id + `</zoneId><zoneState>available</zoneState></item>
<item><zoneName>eu-central-1b</zoneName><zoneId>euc1-az3</zoneId><zoneState>unavailable</zoneState></item>
<item><zoneName>eu-central-1c</zoneName><zoneId>euc1-az1</zoneId><zoneState>available</zoneState></item>
</availabilityZoneInfo></DescribeAvailabilityZonesResponse>
`
}

// Each row is one thing that is wrong with an account that is otherwise fine.
func TestWhatIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		answers string
		images  map[string][]string
		want    []finding.Finding
	}{
		"a stack whose creation failed": {
			answers: stackInStatus("ROLLBACK_COMPLETE"),
			want: []finding.Finding{{
				Check: "stacks", Subject: "shop-cart", Detail: "is ROLLBACK_COMPLETE", Status: finding.Missing,
				Fix: "see https://github.com/storefront-cdk/storefront/blob/main/docs/first-deployment-fails.md",
			}},
		},
		"a stack whose rollback failed": {
			answers: stackInStatus("UPDATE_ROLLBACK_FAILED"),
			want: []finding.Finding{{
				Check: "stacks", Subject: "shop-cart", Detail: "is UPDATE_ROLLBACK_FAILED", Status: finding.Missing,
				Fix: "aws cloudformation continue-update-rollback --region eu-central-1 --stack-name shop-cart",
			}},
		},
		"a stack that is being updated": {
			answers: stackInStatus("UPDATE_IN_PROGRESS"),
			want: []finding.Finding{{
				Check: "stacks", Subject: "shop-cart", Detail: "is UPDATE_IN_PROGRESS", Status: finding.Missing,
				Fix: "aws cloudformation wait stack-update-complete --region eu-central-1 --stack-name shop-cart",
			}},
		},
		"a stack whose creation failed without a rollback": {
			answers: stackInStatus("CREATE_FAILED"),
			want: []finding.Finding{{
				Check: "stacks", Subject: "shop-cart", Detail: "is CREATE_FAILED", Status: finding.Missing,
				Fix: "aws cloudformation rollback-stack --region eu-central-1 --stack-name shop-cart",
			}},
		},
		"a stack whose update failed without a rollback": {
			answers: stackInStatus("UPDATE_FAILED"),
			want: []finding.Finding{{
				Check: "stacks", Subject: "shop-cart", Detail: "is UPDATE_FAILED", Status: finding.Missing,
				Fix: "aws cloudformation rollback-stack --region eu-central-1 --stack-name shop-cart",
			}},
		},
		"a stack that is being created": {
			answers: stackInStatus("CREATE_IN_PROGRESS"),
			want: []finding.Finding{{
				Check: "stacks", Subject: "shop-cart", Detail: "is CREATE_IN_PROGRESS", Status: finding.Missing,
				Fix: "aws cloudformation wait stack-create-complete --region eu-central-1 --stack-name shop-cart",
			}},
		},
		"a stack whose update is rolled back": {
			answers: stackInStatus("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
			want: []finding.Finding{{
				Check: "stacks", Subject: "shop-cart", Detail: "is UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Status: finding.Missing,
				Fix: "aws cloudformation wait stack-rollback-complete --region eu-central-1 --stack-name shop-cart",
			}},
		},
		"an old bootstrap stack": {
			answers: "== SSM.GetParameter\n{\"Parameter\": {\"Value\": \"5\"}}\n",
			want: []finding.Finding{{
				Check: "bootstrap", Detail: "version 5, at least 6 is required", Status: finding.Missing,
				Fix: "npx cdk bootstrap aws://111122223333/eu-central-1",
			}},
		},
		"an execution role of few permissions": {
			answers: `== IAM.SimulatePrincipalPolicy 200 cfn-exec-role
<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult><EvaluationResults><member><EvalActionName>cloudformation:DescribeStacks</EvalActionName><EvalDecision>implicitDeny</EvalDecision></member></EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>
`,
			want: []finding.Finding{{
				Check: "stack outputs", Detail: "cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1 may not read the outputs of shop-platform", Status: finding.Missing,
				Fix: "allow cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1 to call cloudformation:DescribeStacks",
			}},
		},
		"a service-linked role": {
			answers: "== IAM.GetRole 404 AWSServiceRoleForAmazonOpenSearchService\n" + noSuchRole + "\n",
			want: []finding.Finding{{
				Check: "service roles", Detail: "missing: AWSServiceRoleFor… AmazonOpenSearchService", Status: finding.Missing,
				Fix: "aws iam create-service-linked-role --aws-service-name opensearchservice.amazonaws.com",
			}},
		},
		"a zone without VPC links, and one that the account does not have": {
			answers: zonesWith("euc1-az4"),
			want: []finding.Finding{
				{
					Check: "zones", Subject: "eu-central-1a", Detail: "is euc1-az4 in this account, which has no VPC links of HTTP APIs", Status: finding.Missing,
					Fix: "set the environment's Zones to some of eu-central-1c",
				},
				{
					Check: "zones", Subject: "eu-central-1b", Detail: "does not exist in this account and region", Status: finding.Missing,
					Fix: "set the environment's Zones to some of eu-central-1c",
				},
			},
		},
		"an instance type": {
			answers: `== EC2.DescribeInstanceTypeOfferings
<DescribeInstanceTypeOfferingsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instanceTypeOfferingSet><item><instanceType>t4g.nano</instanceType><location>eu-central-1c</location></item></instanceTypeOfferingSet></DescribeInstanceTypeOfferingsResponse>
`,
			want: []finding.Finding{{
				Check: "instance types", Subject: "t4g.nano", Detail: "is not offered in eu-central-1a", Status: finding.Missing,
				Fix: "set the environment's Zones to some in which it is offered: eu-central-1c",
			}},
		},
		"vCPUs": { // 4 are in use, and a deployment starts another half
			answers: applied("L-3032A538", 4),
			want: []finding.Finding{{
				Check: "Fargate vCPU", Status: finding.Missing,
				Detail: "needed: 0.5 at the minimum, 1 while one service is deployed, 1 while all are, 0.5 at the maximum; in use: 4, allowed: 4. " +
					"Above the quota ECS starts no tasks and does not fail the deployment, which hangs",
				Fix: "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code fargate --quota-code L-3032A538 --desired-value 5",
			}},
		},
		"vCPUs to scale": {
			answers: applied("L-36FBB829", 4),
			want: []finding.Finding{{
				Check: "Fargate Spot vCPU", Status: finding.Warning,
				Detail: "needed: 0.5 at the minimum, 1 while one service is deployed, 1 while all are, 4.5 at the maximum; in use: 0.5, allowed: 4. Services cannot scale to their maximum",
				Fix:    "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code fargate --quota-code L-36FBB829 --desired-value 9",
			}},
		},
		"an image, and another's architecture": {
			images: map[string][]string{"shop/logs:2": {"amd64"}},
			want: []finding.Finding{
				{
					Check: "images", Subject: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/logs:2", Detail: "exists for amd64, and not for arm64",
					Fix: "build it with docker buildx build --platform linux/arm64", Status: finding.Missing,
				},
				{
					Check: "images", Subject: "public.ecr.aws/shop/cart:1", Detail: "not found in the registry", Status: finding.Missing,
					Fix: "push it, or set the environment's Images to ones that exist",
				},
			},
		},
		"an instance type of a search domain": {
			answers: "== OpenSearch.ListInstanceTypeDetails\n{\"InstanceTypeDetails\": [{\"InstanceType\": \"t3.small.search\"}]}\n",
			want: []finding.Finding{{
				Check: "search domain", Subject: "m7g.medium.search", Detail: "is not offered in eu-central-1 for OpenSearch_3.3", Status: finding.Missing,
				Fix: "set InstanceType to one of aws opensearch list-instance-type-details --engine-version OpenSearch_3.3",
			}},
		},
		"a confirmation": {
			answers: `== SNS.ListSubscriptions
<ListSubscriptionsResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsResult><Subscriptions><member><Endpoint>on-call@shop.io</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions></ListSubscriptionsResult></ListSubscriptionsResponse>
`,
			want: []finding.Finding{{
				Check: "alarm addresses", Detail: "not confirmed: on-call@shop.io", Status: finding.Warning,
				Fix: "confirm with the link in the message that AWS Notifications sent to each address",
			}},
		},
		"an alarm that guards": {
			answers: "== CloudWatch.DescribeAlarms\n{\"MetricAlarms\": [{\"AlarmName\": \"shop-cart.errors\"}]}\n",
			want: []finding.Finding{{
				Check: "deployment alarms", Status: finding.Warning,
				Detail: "in ALARM: shop-cart.errors. ECS does not roll back for an alarm that is in ALARM when a deployment starts",
				Fix:    "wait until they are in OK, or monitor these deployments yourself",
			}},
		},
		"quotas": {
			answers: applied("L-7EED9B64", 1) + applied("L-822D1B1B", 2) + applied("L-65B5C802", 3) + applied("L-F678F1CE", 1) + applied("L-0263D0A3", 0) +
				applied("L-FE5A380F", 0) + applied("L-608BDCD4", 1),
			want: []finding.Finding{
				{
					Check: "listener rules", Detail: "1 needed, 2 used, 1 allowed, -1 left", Status: finding.Missing,
					Fix: "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code elasticloadbalancing --quota-code L-7EED9B64 --desired-value 4",
				},
				{
					Check: "target groups", Detail: "2 needed, 3 used, 2 allowed, -1 left", Status: finding.Missing,
					Fix: "this quota cannot be raised: define a second platform for further services",
				},
				{
					Check: "API routes", Detail: "2 needed, 3 used, 3 allowed, 0 left: more than 80 % of the quota", Status: finding.Warning,
					Fix: "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code apigateway --quota-code L-65B5C802 --desired-value 6",
				},
				{
					Check: "VPCs", Detail: "1 needed, 2 used, 1 allowed, -1 left", Status: finding.Missing,
					Fix: "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code vpc --quota-code L-F678F1CE --desired-value 4",
				},
				{
					Check: "elastic IPs", Detail: "1 needed, 1 used, 0 allowed, -1 left", Status: finding.Missing,
					Fix: "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code ec2 --quota-code L-0263D0A3 --desired-value 2",
				},
				{
					Check: "NAT gateways", Subject: "eu-central-1a", Detail: "1 needed, 1 used, 0 allowed, -1 left", Status: finding.Missing,
					Fix: "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code vpc --quota-code L-FE5A380F --desired-value 2",
				},
				{
					Check: "VPC links", Detail: "1 needed, 1 used, 1 allowed, 0 left: more than 80 % of the quota", Status: finding.Warning,
					Fix: "aws service-quotas request-service-quota-increase --region eu-central-1 \\\n  --service-code apigateway --quota-code L-608BDCD4 --desired-value 2",
				},
			},
		},
		"integrations of an API": {
			answers: "== ApiGatewayV2.GetIntegrations\n{\"items\": [" + strings.Repeat("{},", 300) + "{}]}\n",
			want: []finding.Finding{{
				Check: "API integrations", Detail: "1 needed, 301 used, 300 allowed, -1 left", Status: finding.Missing,
				Fix: "this quota cannot be raised: define a second platform for further services",
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			account := record(t)
			account.add(test.answers)
			account.answers = append(account.answers, record(t, "fine.txt").answers...)
			images := test.images
			if images == nil {
				images = shopImages
			}
			var got []finding.Finding
			for _, f := range look(t, account, push(t, images)) {
				if f.Status != finding.OK && f.Check != "Cognito mail" {
					got = append(got, f)
				}
			}
			want := test.want
			if len(got) != len(want) {
				t.Fatalf("got %+v\nwant %+v", got, want)
			}
			for n := range want {
				if got[n] != want[n] {
					t.Errorf("got  %+v\nwant %+v", got[n], want[n])
				}
			}
		})
	}
}

// What runs in a fresh account is not of these services, so that it is added to all that they may need.
func TestTasksOfOthersLeaveLessToScale(t *testing.T) {
	account := record(t)
	account.add("== CloudWatch.GetMetricStatistics\n{\"Datapoints\": [{\"Timestamp\": 1795000300, \"Maximum\": 3}]}\n")
	account.answers = append(account.answers, record(t, "fresh.txt").answers...)
	const want = "needed: 0.5 at the minimum, 1 while one service is deployed, 1 while all are, 4.5 at the maximum; in use: 3, allowed: 6. Services cannot scale to their maximum"
	wantDetail(t, look(t, account, push(t, nil)), "Fargate Spot vCPU", "", want, finding.Warning)
}

func TestTheFullestZoneIsShown(t *testing.T) {
	account := record(t, "fine.txt")
	findings := runOn(t, account, `
		"A": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-central-1a"}}, "NatA": {"Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": {"Ref": "A"}}},
		"B": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-central-1b"}}, "NatB": {"Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": {"Ref": "B"}}}`)
	wantDetail(t, findings, "NAT gateways", "eu-central-1a", "1 needed, 1 used, 5 allowed, 3 left", finding.OK)
}

// A check of what no stack has would ask for permissions without need.
func TestOnlyWhatTheStacksHaveIsChecked(t *testing.T) {
	account := record(t, "fine.txt")
	var checks []string
	for _, f := range runOn(t, account, `"Orders": {"Type": "AWS::SQS::Queue"}`) {
		checks = append(checks, f.Check)
	}
	if want := []string{"stacks", "bootstrap", "changes"}; !slices.Equal(checks, want) {
		t.Errorf("checks are %q, want %q", checks, want)
	}
}

func TestAddressesOfExamplesGetNoMail(t *testing.T) {
	const mail = `"%[1]s": {"Type": "AWS::SNS::Subscription", "Properties": {"Protocol": "email", "Endpoint": "%[1]s@%[2]s"}}`
	findings := runOn(t, record(t, "fine.txt"), fmt.Sprintf(mail, "a", "shop.io")+", "+fmt.Sprintf(mail, "b", "example.com"))
	wantDetail(t, findings, "alarm addresses", "", "1 of 2 are placeholders, such as b@example.com", finding.Missing)
}

// The CLI deletes a stack whose creation was rolled back, so that nothing is wrong with it, but it is not deployed.
func TestAStackThatWasRolledBackIsNotDeployed(t *testing.T) {
	account := record(t)
	account.add(strings.Replace(stackInStatus("ROLLBACK_COMPLETE"), "<EnableTerminationProtection>true</EnableTerminationProtection>", "", 1))
	account.answers = append(account.answers, record(t, "fine.txt").answers...)
	findings := look(t, account, push(t, shopImages))
	wantDetail(t, findings, "stacks", "", "1 of 2 are deployed in account 111122223333, eu-central-1", finding.OK)
	for _, f := range findings {
		if f.Check == "stacks" && f.Subject != "" {
			t.Errorf("got %+v", f)
		}
	}
}

func TestOnlyANewStackIsWarnedOfDeletionProtection(t *testing.T) {
	const pool = `"Users": {"Type": "AWS::Cognito::UserPool", "Properties": {"DeletionProtection": "ACTIVE"}}`
	wantDetail(t, runOn(t, record(t, "fine.txt"), pool), "first deployment", "new",
		"new, with deletion protection: if the creation fails, CloudFormation cannot roll it back", finding.Warning)
	account := record(t)
	account.add(strings.Replace(stackInStatus("CREATE_COMPLETE"), "shop-cart", "new", 1))
	account.answers = append(account.answers, record(t, "fine.txt").answers...)
	for _, f := range runOn(t, account, pool) {
		if f.Check == "first deployment" {
			t.Errorf("the stack is deployed, and there is %+v", f)
		}
	}
}

// A service of one repository reads the listener of another's platform from an output.
func TestQuotasOfAPlatformOutsideOfTheAssembly(t *testing.T) {
	const service = `"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {
		"ListenerArn": {"Fn::GetStackOutput": {"StackName": "shop-platform", "OutputName": "ListenerArn"}}}}`
	for answer, want := range map[string]string{
		`== CloudFormation.DescribeStacks 200 StackName=shop-platform
<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
<member><StackName>shop-platform</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-01T09:00:00Z</CreationTime><Outputs>
<member><OutputKey>ApiId</OutputKey><OutputValue>abcdefghij/1</OutputValue></member>
<member><OutputKey>ListenerArn</OutputKey><OutputValue>arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/shop/0a/1b</OutputValue></member>
</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>
`: "1 needed, 2 used, 100 allowed, 97 left",
		`== CloudFormation.DescribeStacks 400 StackName=shop-platform
<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>no such stack</Message></Error></ErrorResponse>
`: "1 needed, 0 used, 100 allowed, 99 left",
		`== CloudFormation.DescribeStacks 403 StackName=shop-platform
<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>
`: "cloudformation:DescribeStacks was denied",
	} {
		account := record(t)
		account.add(answer)
		account.answers = append(account.answers, record(t, "fine.txt").answers...)
		status := finding.OK
		if strings.HasSuffix(want, "denied") {
			status = finding.Unknown
		}
		wantDetail(t, runOn(t, account, service), "listener rules", "", want, status)
	}
}

// runOn runs the checks of a new stack with the given resources.
func runOn(t *testing.T, account *recording, resources string) []finding.Finding {
	t.Helper()
	dir := t.TempDir()
	for file, text := range map[string]string{
		"New.template.json": `{"Resources": {` + resources + `}}`,
		"manifest.json": `{"artifacts": {"New": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-central-1", "properties": {
			"templateFile": "New.template.json", "stackName": "new",
			"requiresBootstrapStackVersion": 6, "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version"}}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	findings, err := Run(t.Context(), Options{Assembly: dir, Config: account.config(), Registry: push(t, nil)})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func wantDetail(t *testing.T, findings []finding.Finding, check, subject, detail string, status finding.Status) {
	t.Helper()
	for _, f := range findings {
		if f.Check == check {
			if f.Subject != subject || f.Detail != detail || f.Status != status {
				t.Errorf("got %+v, want %q and %q", f, subject, detail)
			}
			return
		}
	}
	t.Errorf("no finding of %s in %+v", check, findings)
}

func TestAnotherAccountIsRefused(t *testing.T) {
	account := record(t)
	account.add(`== STS.GetCallerIdentity
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::999988887777:user/dana</Arn><Account>999988887777</Account></GetCallerIdentityResult></GetCallerIdentityResponse>
`)
	_, err := Run(t.Context(), Options{Assembly: "testdata/shop", Config: account.config()})
	want := "the credentials must be for the account of the stacks, 111122223333, got credentials for 999988887777: use those of that account"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if len(account.calls) != 1 {
		t.Errorf("called %v, want nothing but the account", account.calls)
	}
}

// A registry that does not answer, and one that wants credentials which ECS does not have either.
func TestRegistriesThatDoNotServe(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		want   finding.Finding
	}{
		"not public": {http.StatusUnauthorized, finding.Finding{
			Check: "images", Subject: "public.ecr.aws/shop/cart:1", Detail: "not found in the registry, or not public", Status: finding.Missing,
			Fix: "push it, or set the environment's Images to ones that exist",
		}},
		"out of order": {http.StatusBadGateway, finding.Finding{Check: "images", Subject: "public.ecr.aws/shop/cart:1", Status: finding.Unknown}},
	} {
		t.Run(name, func(t *testing.T) {
			registry := transport(func(request *http.Request) (*http.Response, error) {
				status := http.StatusOK // of the ping
				if strings.Contains(request.URL.Path, "manifests") {
					status = test.status
				}
				return &http.Response{StatusCode: status, Body: http.NoBody, Request: request, Header: http.Header{}}, nil
			})
			findings, err := Run(t.Context(), Options{Assembly: "testdata/shop", Config: record(t, "fine.txt").config(), Registry: registry})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Subject != test.want.Subject {
					continue
				}
				if f.Status != test.want.Status || test.want.Detail != "" && f != test.want {
					t.Errorf("got %+v, want %+v", f, test.want)
				}
				return
			}
			t.Errorf("got %+v, want one about %s", findings, test.want.Subject)
		})
	}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(request *http.Request) (*http.Response, error) { return t(request) }
