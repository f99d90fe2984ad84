/** Tests of this package's own classes. */
package dev.hindsight.synthesis.fingerprint;
