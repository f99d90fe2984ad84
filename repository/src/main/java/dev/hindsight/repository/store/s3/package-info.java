/**
 * A bucket as an object store. {@link dev.hindsight.repository.store.s3.S3Store} is the only type that others use, with
 * {@link dev.hindsight.repository.store.s3.S3Settings} as what a configuration says. The AWS SDK is seen by no other
 * package. All retries are made here ({@code S3Calls}); the SDK's own are off, because only one layer can know whether a
 * request that was given up may have been carried out.
 */
package dev.hindsight.repository.store.s3;
