package dev.hindsight.cli.verb;

import dev.hindsight.agent.settings.RepositoryPlace;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.s3.S3Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rights that one agent needs to keep captures, as an S3 policy: to create objects below its own prefix, nothing else. */
final class CapturePolicy {
    private static final String HOST = "HOST-ID";
    private static final List<String> NOTES = List.of(
            "put the node's host id in place of HOST-ID (nodetool info shows it), and give each agent credentials of its own",
            "the condition allows only puts that create (If-None-Match); a server that does not know s3:if-none-match refuses"
                    + " the policy or the puts: leave the condition out there, and these credentials could overwrite",
            "a policy cannot say how much or how often, nor that numbers have no holes: readers check that, each capture names"
                    + " the one before",
            "the agent cannot read: where the answer to a put was lost it takes what is there for its own, and readers notice"
                    + " if it is not");

    private CapturePolicy() {}

    /** @throws UsageException the repository is a directory */
    static Outcome of(RepositoryPlace place) {
        if (!(place instanceof RepositoryPlace.Bucket bucket)) {
            throw new UsageException(
                    "the repository " + place.text() + " is a directory, which knows no policy",
                    "let the agents' user write to it; repository.access is about that");
        }
        S3Settings settings = bucket.settings();
        String prefix = settings.prefix().isEmpty() ? "" : settings.prefix() + "/";
        String resource = "arn:aws:s3:::" + settings.bucket() + "/" + prefix + Keys.CAPTURES + HOST + "/*";
        String policy = String.join(
                "\n",
                "{",
                "  \"Version\": \"2012-10-17\",",
                "  \"Statement\": [",
                "    {",
                "      \"Sid\": \"HindsightCapturesAreOnlyCreated\",",
                "      \"Effect\": \"Allow\",",
                "      \"Action\": \"s3:PutObject\",",
                "      \"Resource\": \"" + resource + "\",",
                "      \"Condition\": {\"Null\": {\"s3:if-none-match\": \"false\"}}",
                "    }",
                "  ]",
                "}");
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("policy", policy);
        document.put("notes", NOTES);
        return Outcome.ok("capture-policy", document, policy + "\n\n" + String.join("\n", NOTES));
    }
}
