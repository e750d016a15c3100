"""Rules of security groups as resources of their own, for which the emulator has an API and no CloudFormation type."""

from ministack.services import ec2

from .define import after, define, element, ok, query


def given(properties, *keys):
    return {key: properties[key] for key in keys if key in properties}


# The emulator does not return the CIDR block, which the security group of a NAT instance refers to.
after("AWS::EC2::VPC", lambda vpc, properties: {"CidrBlock": ec2._vpcs[vpc]["CidrBlock"]})


def define_rules(name, authorize, revoke, groups, prefixes):
    peers = (("CidrIp", "IpRanges", "CidrIp"), ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
             (groups, "Groups", "GroupId"), (prefixes, "PrefixListIds", "PrefixListId"))

    def parameters(properties):
        permission = {"IpProtocol": str(properties["IpProtocol"]), **given(properties, "FromPort", "ToPort")}
        for source, ranges, key in peers:
            if properties.get(source):
                permission[ranges] = [{key: properties[source], **given(properties, "Description")}]
        return query({"GroupId": properties["GroupId"], "IpPermissions": [permission]})

    def create(properties, logical, stack):
        rule = element("securityGroupRuleId", ok(authorize(parameters(properties))))
        return rule, {"Id": rule}

    def delete(rule, properties):
        if properties.get("GroupId") in ec2._security_groups:  # the group may have been deleted first
            ok(revoke(parameters(properties)))

    # A rule of which only the description changes keeps its id.
    def update(rule, old, new):
        delete(rule, old)
        create(new, "", "")
        return {"Id": rule}

    define(name, create, delete, update,
           ("GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", groups, prefixes))


define_rules("AWS::EC2::SecurityGroupIngress", ec2._authorize_sg_ingress, ec2._revoke_sg_ingress,
             "SourceSecurityGroupId", "SourcePrefixListId")
define_rules("AWS::EC2::SecurityGroupEgress", ec2._authorize_sg_egress, ec2._revoke_sg_egress,
             "DestinationSecurityGroupId", "DestinationPrefixListId")
