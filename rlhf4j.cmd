@echo off
rem Starts RLHF4J on Windows: finds Java, builds what is missing or out of date, sets every JVM flag. The twin of ./rlhf4j (LauncherTest compares their flags).
rem In a distribution, which has its jars in lib\, nothing is built: a JRE will do.
rem RLHF4J_CLASS_PATH adds your own modules; RLHF4J_JAVA_OPTS adds JVM options (they win); RLHF4J_MAVEN_OPTS adds options to the build, for example -Pcuda.
setlocal DisableDelayedExpansion
set "HOME_DIR=%~dp0"
set "HOME_DIR=%HOME_DIR:~0,-1%"

rem --- Java 17 or newer: JAVA_HOME, then the PATH
if defined JAVA_HOME set "PATH=%JAVA_HOME%\bin;%PATH%"
java -version >nul 2>&1
if errorlevel 1 echo rlhf4j: no Java found; install a JDK, 17 or newer, and set JAVA_HOME to it 1>&2& exit /b 1
set "VERSION="
for /f "tokens=3" %%v in ('java -version 2^>^&1 ^| findstr /i version') do if not defined VERSION set "VERSION=%%~v"
for /f "tokens=1 delims=.-+" %%m in ("%VERSION%") do set "FEATURE=%%m"
if %FEATURE% LSS 17 echo rlhf4j: Java 17 or newer is needed, but this is %VERSION%; set JAVA_HOME to a newer JDK 1>&2& exit /b 1

set "CACHE=%LOCALAPPDATA%\rlhf4j"
if defined RLHF4J_CACHE_DIR set "CACHE=%RLHF4J_CACHE_DIR%"
set "LAUNCH=%CACHE%\launch"
set "OPTIONS=%HOME_DIR%\lib"
set "CLASSPATH=%HOME_DIR%\lib\*"
if exist "%OPTIONS%\jvm.options" if not exist "%LAUNCH%" mkdir "%LAUNCH%"
if exist "%OPTIONS%\jvm.options" goto ready

rem --- The build: made when missing, remade when a source, resource or pom has changed since
set "PROGRAM=cli"
if "%~1"=="lab" set "PROGRAM=lab"
set "LAUNCH=%HOME_DIR%\%PROGRAM%\target\launch"
set "STAMP=%HOME_DIR% %RLHF4J_MAVEN_OPTS%"
powershell -NoProfile -Command "$s = Join-Path $env:LAUNCH 'stamp'; if (-not (Test-Path -LiteralPath $s) -or (Get-Content -LiteralPath $s) -ne $env:STAMP) { exit 1 }; $t = (Get-Item -LiteralPath $s).LastWriteTimeUtc; $m = 'core-model','charts','gguf','http-client','tracking','http-server','jinja','datasets','ranking','filter','synthetic-world','judge','sft','reward-model','rollout','ppo','grpo','best-of-n','distill','rlaif','dpo','evaluation','pipeline','experiment','plan','serve','tinker','web','cli'; if ($env:PROGRAM -eq 'lab') { $m += 'lab' }; $p = @('pom.xml','.mvn') + ($m | ForEach-Object { ($_ + '\pom.xml'), ($_ + '\src\main') }); $p = $p | ForEach-Object { Join-Path $env:HOME_DIR $_ }; $f = @(Get-Item -LiteralPath $p) + @(Get-ChildItem -LiteralPath $p -Recurse -Force); if ($f | Where-Object { $_.LastWriteTimeUtc -gt $t -or $_.CreationTimeUtc -gt $t }) { exit 1 }; exit 0"
if not errorlevel 1 goto built
set "BUILT="
if exist "%LAUNCH%\stamp" set /p BUILT=<"%LAUNCH%\stamp"
if defined BUILT if "%BUILT%"=="%STAMP%" echo rlhf4j: sources have changed, building again ... 1>&2
if defined BUILT if not "%BUILT%"=="%STAMP%" echo rlhf4j: this folder was copied or moved, building again ... 1>&2
if not exist "%LAUNCH%\stamp" echo rlhf4j: building first (this once; about a minute, longer while Maven fetches its libraries) ... 1>&2
if not exist "%LAUNCH%" mkdir "%LAUNCH%"
>"%LAUNCH%\stamp.new" echo %STAMP%
pushd "%HOME_DIR%"
call mvnw.cmd -q -B --no-transfer-progress -Dmaven.test.skip=true -Dspotless.check.skip=true -Dcheckstyle.skip=true -Denforcer.skip=true -Dflatten.skip=true %RLHF4J_MAVEN_OPTS% -pl %PROGRAM% -am package >"%LAUNCH%\build.log" 2>&1 <nul
set "CODE=%ERRORLEVEL%"
popd
if not "%CODE%"=="0" type "%LAUNCH%\build.log" 1>&2& echo rlhf4j: the build failed; all of its output is in %LAUNCH%\build.log 1>&2& exit /b 1
del /q "%HOME_DIR%\cli\target\launch\*.jsa" "%HOME_DIR%\lab\target\launch\*.jsa" 2>nul
move /y "%LAUNCH%\stamp.new" "%LAUNCH%\stamp" >nul
:built

rem --- The class path, in the environment: a command line would become too long
for /f "usebackq delims=" %%c in ("%HOME_DIR%\%PROGRAM%\target\class-path.txt") do set "CLASSPATH=%HOME_DIR%\%PROGRAM%\target\rlhf4j-%PROGRAM%.jar;%%c"
set "OPTIONS=%HOME_DIR%\core-model\src\main\resources\io\github\rlhf4j\core\kernels"
:ready
if defined RLHF4J_CLASS_PATH set "CLASSPATH=%CLASSPATH%;%RLHF4J_CLASS_PATH%"

rem --- Memory: a modest heap; native memory (tensors) may take most of what the machine has
for /f %%m in ('powershell -NoProfile -Command "[math]::Floor((Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory / 1MB)"') do set "MIB=%%m"
set /a HEAP=MIB/8
if %HEAP% GTR 3072 set HEAP=3072
if %HEAP% LSS 384 set HEAP=384
set /a NATIVE=MIB*8/10
set /a PHYSICAL=MIB*9/10

set "OPT_OUT_TRACKING=true"
set "DJL_CACHE_DIR=%CACHE%\djl"
set "OPENBLAS_CORETYPE=%RLHF4J_OPENBLAS_CORETYPE%"
set "OPENBLAS_L2_SIZE="
set "OMP_NUM_THREADS=1"
set FLAGS="@%OPTIONS%\jvm.options" -Xmx%HEAP%m -Dorg.bytedeco.javacpp.maxbytes=%NATIVE%m -Dorg.bytedeco.javacpp.maxphysicalbytes=%PHYSICAL%m "-Dorg.bytedeco.javacpp.cachedir=%CACHE%\javacpp" "-DDJL_CACHE_DIR=%CACHE%\djl" "-DENGINE_CACHE_DIR=%CACHE%\djl" "-Drlhf4j.home=%HOME_DIR%"
if %FEATURE% GEQ 24 set FLAGS=%FLAGS% "@%OPTIONS%\jvm-24.options"

rem --- Short work needs no optimising compiler
set "QUICK="
for %%a in ("" --help -h --version -V) do if "%~1"=="%%~a" set "QUICK=-XX:TieredStopAtLevel=1"

rem --- The first heap of jvm.options may be more than a -Xmx of the user's: Java chooses
set "FIRST_HEAP="
if defined RLHF4J_JAVA_OPTS if not "%RLHF4J_JAVA_OPTS:-Xmx=%"=="%RLHF4J_JAVA_OPTS%" set "FIRST_HEAP=-Xms0"

rem --- A class-data archive for this Java: halves the start
set "ARCHIVE=%LAUNCH%\classes-%VERSION%.jsa"
set "MAIN=io.github.rlhf4j.cli.Main"
if not exist "%ARCHIVE%" java %FLAGS% "-XX:ArchiveClassesAtExit=%ARCHIVE%" %MAIN% --help >nul 2>&1 <nul
if exist "%ARCHIVE%" set FLAGS=%FLAGS% "-XX:SharedArchiveFile=%ARCHIVE%"

java %FLAGS% %QUICK% %FIRST_HEAP% %RLHF4J_JAVA_OPTS% %MAIN% %*
exit /b %ERRORLEVEL%
