import { Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { removal } from './contract';
import type { Profile } from './environments';

interface LifecycleRule {
  readonly id?: string;
  readonly prefix?: string;
  readonly abortDays?: number;
  readonly expireDays?: number;
  readonly previousDays?: number;
}

const days = (n?: number) => (n === undefined ? undefined : Duration.days(n));

/** A private, versioned bucket that is encrypted and refuses plain HTTP. */
export function newBucket(scope: Construct, id: string, profile: Profile, rules: LifecycleRule[], cors?: s3.CorsRule[]): s3.Bucket {
  const bucket = new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: s3.BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    cors,
    lifecycleRules: rules.map((rule) => ({
      id: rule.id,
      prefix: rule.prefix,
      abortIncompleteMultipartUploadAfter: days(rule.abortDays),
      expiration: days(rule.expireDays),
      noncurrentVersionExpiration: days(rule.previousDays),
    })),
    removalPolicy: removal(profile.retain),
  });
  bucket.policy!.applyRemovalPolicy(removal(profile.retain));
  return bucket;
}
