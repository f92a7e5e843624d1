#include "child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/str.h"

extern char** environ;

namespace sardonyx {
namespace {

constexpr const char* kSelf = "/proc/self/exe";

Result<pid_t> spawn_self(const std::vector<std::string>& arguments, int out) {
  std::vector<char*> argv{const_cast<char*>("sardonyx")};
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, kSelf, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(Code::kFile, "cannot start ", kSelf, ": ", std::strerror(error));
  return pid;
}

std::string read_all(int fd) {
  std::string text;
  char part[4096];
  for (;;) {
    const ssize_t n = read(fd, part, sizeof part);
    if (n > 0)
      text.append(part, static_cast<size_t>(n));
    else if (n == 0 || errno != EINTR)
      return text;
  }
}

}  // namespace

Result<std::string> run_self(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(Code::kFile, "cannot make a pipe: ", std::strerror(errno));
  auto pid = spawn_self(arguments, ends[1]);
  close(ends[1]);
  if (!pid.ok()) {
    close(ends[0]);
    return pid.take_status();
  }
  std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return fail(Code::kInternal, "the measuring process died: ", strsignal(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    return fail(Code::kInternal, "the measuring process failed with exit code ", WEXITSTATUS(status));
  return text;
}

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  const std::filesystem::path root = std::filesystem::temp_directory_path(error);
  std::string path = ((error ? std::filesystem::path("/tmp") : root) / "sardonyx-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr)
    return fail(Code::kFile, "cannot make a folder ", quoted(path), ": ", std::strerror(errno));
  return TemporaryFolder(path);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace sardonyx
