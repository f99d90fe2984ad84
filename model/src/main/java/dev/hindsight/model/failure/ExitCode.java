package dev.hindsight.model.failure;

/** Exit codes of the command line: part of its contract, never renumbered. Unknown codes must be read as failure. */
public enum ExitCode {
    OK(0),
    ERROR(1),
    USAGE(2),
    PARTIAL(3),
    VERIFICATION_FAILED(4),
    TIME_NOT_RESTORABLE(5),
    PLAN_STALE(6),
    TARGET_UNSAFE(7),
    NO_SPACE(8),
    INCOMPATIBLE(9),
    REPOSITORY_MISSING(10),
    BUSY(11),
    WRONG_KEY(12),
    UNAUTHORISED(13),
    STORE_UNREACHABLE(14),
    CLUSTER_UNREACHABLE(15),
    FORBIDDEN_BY_POLICY(16);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
