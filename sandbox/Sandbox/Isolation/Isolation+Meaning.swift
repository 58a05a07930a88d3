import AgentCore

extension Isolation {
  /// What a name in `degraded` means; nil for names that this version does not know.
  public static func meaning(of degraded: String) -> String? { meanings[degraded] }

  private static let meanings = [
    "memory:rlimit": "memory is limited for each process, not for all of a program together (no control group)",
    "pids:rlimit": "processes are limited by user, not by a control group",
    "cpu:rlimit": "processor time is limited for each process, not for all of a program together",
    "landlock": "files are kept apart by namespaces alone",
    "quota:polled": "the size of the work directory is looked at from time to time, not enforced by a file system",
    "inodes:none": "the number of files in the work directory is not limited",
    "metadata": "sizes, owners and times of the machine's files can be asked for, not their contents",
    "hostname": "the machine's name can be read",
    "violation:unnamed": "which system call was refused is not known",
    "signals:denied": "a program cannot send signals, not even to its own processes",
    "processes:visible": "the numbers of the machine's processes can be seen",
  ]
}
